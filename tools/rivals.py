"""Trains Rasa's own pipelines on our data, to compare them with ours in `make eval-compare`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from tools.model import ROOT

_SPARSE = [
    {"name": "WhitespaceTokenizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
_FALLBACK = {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1}
PIPELINES = {
    "LogisticRegressionClassifier": [*_SPARSE, {"name": "LogisticRegressionClassifier"}, _FALLBACK],
    "Rasa's default (DIET)": [*_SPARSE, {"name": "DIETClassifier", "epochs": 100}, _FALLBACK],
}


def rivals() -> Iterator[tuple[str, Path]]:
    """Train each rival and return its name and model; DIET takes a long while."""
    import rasa

    with tempfile.TemporaryDirectory() as folder:
        for number, (name, pipeline) in enumerate(PIPELINES.items()):
            config = Path(folder) / f"config-{number}.yml"
            config.write_text(yaml.safe_dump({"recipe": "default.v1", "language": "nl", "pipeline": pipeline}))
            path = rasa.model_training.train_nlu(
                str(config), str(ROOT / "data"), folder, fixed_model_name=f"rival-{number}", domain=str(ROOT / "domain.yml")
            )
            yield name, Path(path)
