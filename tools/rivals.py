"""Trains Rasa's own pipelines on our data, to compare them with ours in `make eval-compare`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from tools.model import ROOT

Component = dict[str, object]

_SPARSE: list[Component] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
_FALLBACK: Component = {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1}


def pipelines(epochs: int) -> dict[str, list[Component]]:
    """Return the pipelines by name; `epochs` is how often DIET goes through the examples."""
    return {
        "LogisticRegressionClassifier": [*_SPARSE, {"name": "LogisticRegressionClassifier"}, _FALLBACK],
        f"DIETClassifier, {epochs} epochs": [*_SPARSE, {"name": "DIETClassifier", "epochs": epochs}, _FALLBACK],
    }


def rivals(epochs: int) -> Iterator[tuple[str, Path]]:
    """Train each rival and return its name and model; DIET takes minutes for each epoch or two."""
    from rasa.model_training import train_nlu

    with tempfile.TemporaryDirectory() as folder:
        for number, (name, pipeline) in enumerate(pipelines(epochs).items()):
            config = Path(folder) / f"config-{number}.yml"
            config.write_text(yaml.safe_dump({"recipe": "default.v1", "language": "nl", "pipeline": pipeline}))
            path = train_nlu(
                str(config), str(ROOT / "data"), folder, fixed_model_name=f"rival-{number}", domain=str(ROOT / "domain.yml")
            )
            yield name, Path(path)
