"""The statistical model behind the intent classifier: n-grams of words and characters, and a linear separator.

Plain scikit-learn, without Rasa, so that it can be studied and tested alone. It is stored as arrays and JSON: loading
a model never runs code that came with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_predict
from sklearn.svm import LinearSVC

FOLDS = 3
WORD = r"(?u)\b\w+\b"  # one letter is a word too: 'C', 'u'
Array = npt.NDArray[np.float32]
VECTORIZERS = ("words", "characters")


class NgramModel:
    """Scores a text against each label; fit it or load it before use."""

    labels: list[str]
    _coefficients: Array  # (features, labels)
    _intercepts: Array  # (labels,)
    _temperature: float

    def __init__(self, words: Sequence[int], characters: Sequence[int], regularisation: float) -> None:
        """Prepare a model.

        Args:
            words: fewest and most words in an n-gram.
            characters: fewest and most characters in an n-gram, which never crosses a word's edge.
            regularisation: LinearSVC's C: larger fits the examples more closely.
        """
        self.settings = {"words": list(words), "characters": list(characters), "regularisation": regularisation}
        common = {"sublinear_tf": True, "strip_accents": "unicode", "dtype": np.float32}
        self._vectorizers = {
            "words": TfidfVectorizer(ngram_range=tuple(words), token_pattern=WORD, **common),
            "characters": TfidfVectorizer(analyzer="char_wb", ngram_range=tuple(characters), min_df=2, **common),
        }

    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """Learn from examples, and from held-out folds how sure a score really is."""
        for vectorizer in self._vectorizers.values():
            vectorizer.fit(texts)
        features = self._features(texts)
        separator = self._separator().fit(features, labels)
        self.labels = [str(label) for label in separator.classes_]
        self._coefficients = np.ascontiguousarray(separator.coef_.T, dtype=np.float32)
        self._intercepts = separator.intercept_.astype(np.float32)
        held_out = cross_val_predict(self._separator(), features, labels, cv=FOLDS, method="decision_function")
        self._temperature = _temperature(held_out, np.searchsorted(separator.classes_, labels))

    def probabilities(self, texts: Sequence[str]) -> Array:
        """Return the probability of each label for each text: (texts, labels), rows adding up to 1."""
        scores = self._features(texts) @ self._coefficients + self._intercepts
        return _softmax(np.asarray(scores) * self._temperature)

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        vocabularies = {name: vectorizer.vocabulary_ for name, vectorizer in self._vectorizers.items()}
        terms = {name: sorted(vocabulary, key=vocabulary.__getitem__) for name, vocabulary in vocabularies.items()}
        description = {"settings": self.settings, "labels": self.labels, "terms": terms}
        (folder / "model.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        weights = {f"idf_{name}": vectorizer.idf_ for name, vectorizer in self._vectorizers.items()}
        np.savez(
            folder / "weights.npz",
            coefficients=self._coefficients,
            intercepts=self._intercepts,
            temperature=np.array(self._temperature),
            **weights,
        )

    @classmethod
    def load(cls, folder: Path) -> NgramModel:
        """Read a model that `save` wrote.

        Raises:
            OSError, ValueError, KeyError: the folder holds no such model, or a damaged one.
        """
        description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        model = cls(**description["settings"])
        with np.load(folder / "weights.npz", allow_pickle=False) as weights:
            for name, vectorizer in model._vectorizers.items():
                vectorizer.vocabulary = {term: position for position, term in enumerate(description["terms"][name])}
                vectorizer.idf_ = weights[f"idf_{name}"].astype(np.float32)
            model._coefficients = weights["coefficients"]
            model._intercepts = weights["intercepts"]
            model._temperature = float(weights["temperature"])
        model.labels = description["labels"]
        return model

    def _separator(self) -> LinearSVC:
        return LinearSVC(C=self.settings["regularisation"])

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        parts = [vectorizer.transform(texts) for vectorizer in self._vectorizers.values()]
        # In the coefficients' own type: SciPy would otherwise convert all of them at each message.
        return sparse.hstack(parts, format="csr", dtype=np.float32)


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _temperature(scores: Array, right: npt.NDArray[np.intp]) -> float:
    """Return the factor on the scores under which the right labels are likeliest, so that 0.7 means right 7 in 10 times."""

    def surprise(logarithm: float) -> float:
        chances = _softmax(scores * np.exp(logarithm))[np.arange(len(right)), right]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-2.0, 4.0), method="bounded").x))
