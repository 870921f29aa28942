"""The statistical model learns, is the same after it is stored, and copes with any text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.nlu.ngram_model import Example, NgramModel, NgramSettings, asking_clause, beginnings

EXAMPLES = {
    "verlof": ["hoeveel verlof krijg ik", "hoeveel vakantiedagen", "verlofdagen per jaar", "vakantie nemen", "congé"] * 2,
    "loon": ["hoeveel verdien ik", "wat is het loon", "loonschaal", "brutoloon per maand", "wat betalen jullie"] * 2,
    "fiets": ["krijg ik een fiets", "fietsvergoeding", "met de fiets naar het werk", "fiets leasen", "per km fietsen"] * 2,
}


@pytest.fixture(scope="module")
def model() -> NgramModel:
    trained = NgramModel(NgramSettings(characters=(2, 4), temperature=5.0))
    trained.fit([Example(text, (label,)) for label, texts in EXAMPLES.items() for text in texts])
    return trained


def best(model: NgramModel, text: str) -> str:
    return model.labels[int(np.argmax(model.probabilities([text])[0]))]


@pytest.mark.parametrize(
    ("text", "label"), [("hoeveel dagen vakantie", "verlof"), ("verdien ik veel", "loon"), ("FIETSEN!", "fiets")]
)
def test_it_understands_what_it_has_not_seen(model: NgramModel, text: str, label: str) -> None:
    assert best(model, text) == label


def test_a_stored_model_gives_the_same_probabilities(model: NgramModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = NgramModel.load(tmp_path)
    texts = ["hoeveel verlof", "loon?", "iets heel anders", ""]
    assert np.allclose(loaded.probabilities(texts), model.probabilities(texts), atol=1e-6)


def test_what_stands_with_every_label_alike_says_nothing() -> None:
    polite = NgramModel(NgramSettings(characters=(2, 4)))
    polite.fit([Example(f"{label} {word}", (label,)) for word in ("aub", "graag") for label in ("verlof", "loon")])
    assert (polite.probabilities(["aub", "graag"]) == polite.probabilities([""])).all()
    assert best(polite, "verlof") == "verlof"


def test_what_weighs_more_counts_more() -> None:
    model = NgramModel(NgramSettings(characters=(2, 4)))
    model.fit([Example("wanneer", ("stap2",)), Example("wanneer", ("stap3",), 3.0), Example("wanneer", ("stap1",))])
    assert best(model, "wanneer") == "stap3"


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")
    with pytest.raises(KeyError):
        NgramModel.load(tmp_path)


@settings(max_examples=50)
@given(text=st.text(max_size=100))
def test_any_text_gets_probabilities_that_add_up_to_one(model: NgramModel, text: str) -> None:
    chances = model.probabilities([text])[0]
    assert chances.sum() == pytest.approx(1.0, abs=1e-4)
    assert np.isfinite(chances).all()


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Ik werk nu bij een bank. Hoeveel verlof krijg ik?", "Hoeveel verlof krijg ik?"),
        ("Hoeveel verlof krijg ik? Ik heb er nu twintig.", "Hoeveel verlof krijg ik?"),
        ("mijn man werkt al bij de stad\nwat is het loon eigenlijk", "wat is het loon eigenlijk"),
        ("hoeveel verlof krijg ik", None),
        ("Ik heb een bachelor in de rechten. Kan dat?", None),
        ("", None),
    ],
)
def test_the_sentence_that_asks_is_found(text: str, clause: str | None) -> None:
    assert asking_clause(text) == clause


def test_words_are_paired_in_any_order_whatever_their_ending() -> None:
    assert beginnings("Geslaagd voor stap 2") == beginnings("stap 2, vóór geslaagde")
    assert "2 gesla" in beginnings("Geslaagd voor stap 2")
