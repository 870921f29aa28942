"""The statistical model behind the intent classifier: n-grams of words and characters, pairs of words, linear separators.

Plain scikit-learn, without Rasa, so that it can be studied and tested alone. It is stored as arrays and JSON: loading
a model never runs code that came with it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, Optional

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize_scalar
from sklearn.feature_extraction.text import TfidfVectorizer, strip_accents_unicode
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from assistant.nlu.spelling import Spelling

HELD_OUT = 0.2  # the share of the examples on which a temperature is measured
FEWEST_WORDS_OF_A_CLAUSE = 3  # 'Kan dat?' says nothing without the story
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
TOLERANCE = 0.01  # how near separators come to their best: a hundred times nearer takes four times as long, reads no better
WEAK = 0.1  # a term with no coefficient as large as this is forgotten
WORD = r"(?u)\b\w+\b"  # one letter is a word too: 'C', 'u'
Array = npt.NDArray[np.float32]
Terms = tuple[npt.NDArray[np.intp], Array]  # the columns of the terms in a text, and the value of each
BEGINNING = 5  # letters of a word that stand for it in a pair, whatever its ending
MOST_WORDS = 20  # of a text that are paired


class Example(NamedTuple):
    """A text to learn from, its labels (mostly one), and how much it counts: for all of its labels together."""

    text: str
    labels: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class NgramSettings:
    """What can be set: how many words and characters are in an n-gram, at least and at most, and how scores are made."""

    words: Sequence[int] = (1, 2)
    characters: Sequence[int] = (2, 5)  # never across a word's edge
    regularisation: float = 1.0  # LinearSVC's C: larger fits the examples more closely
    asking_clause: float = 0.3  # how much, from 0 to 1, the sentence that asks counts against the story around it
    temperature: float = 6.4  # by which scores are multiplied before they become chances; see `suited_temperature`

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> NgramSettings:
        """Take from a configuration what is named here."""
        return cls(**{field.name: config[field.name] for field in fields(cls) if field.name in config})


class NgramModel:
    """Scores a text against each label; fit it or load it before use."""

    labels: list[str]
    _coefficients: Array  # (features, labels)
    _intercepts: Array  # (labels,)

    def __init__(self, settings: NgramSettings) -> None:
        """Prepare a model that knows nothing yet."""
        self.settings = settings
        common = {"sublinear_tf": True, "strip_accents": "unicode", "dtype": np.float32}
        words, characters = tuple(settings.words), tuple(settings.characters)
        self._vectorizers = {
            "words": TfidfVectorizer(ngram_range=words, token_pattern=WORD, **common),
            "characters": TfidfVectorizer(analyzer="char_wb", ngram_range=characters, min_df=2, **common),
            "pairs": TfidfVectorizer(analyzer=beginnings, min_df=2, **common),
        }

    def fit(self, examples: Sequence[Example]) -> None:
        """Learn from examples."""
        features, marks, weights = self._prepared(examples)
        self._coefficients, self._intercepts = self._separated(features, marks, weights)
        self._forget_weak_terms()

    def suited_temperature(self, examples: Sequence[Example]) -> float:
        """Return the temperature under which a chance of 0.7 means right 7 in 10 times.

        It is measured with separators that have not seen a part of the examples with one label; the model is not fit.
        """
        features, marks, weights = self._prepared(examples)
        alone = np.flatnonzero(marks.sum(axis=1) == 1)
        _, unseen = train_test_split(alone, test_size=HELD_OUT, stratify=marks[alone].argmax(axis=1), random_state=0)
        known = np.setdiff1d(np.arange(len(marks)), unseen)
        coefficients, intercepts = self._separated(features[known], marks[known], weights[known])
        return _temperature(features[unseen] @ coefficients + intercepts, marks[unseen].argmax(axis=1))

    def probabilities(self, texts: Sequence[str]) -> Array:
        """Return the probability of each label for each text, spelling corrected: (texts, labels), rows adding up to 1."""
        features = self._features([self._spelling.corrected(text) for text in texts])
        return _softmax((features @ self._coefficients + self._intercepts) * np.float32(self.settings.temperature))

    def save(self, folder: Path) -> None:
        """Write the model into `folder`."""
        vocabularies = {name: vectorizer.vocabulary_ for name, vectorizer in self._vectorizers.items()}
        terms = {name: sorted(vocabulary, key=vocabulary.__getitem__) for name, vocabulary in vocabularies.items()}
        description = {"settings": asdict(self.settings), "labels": self.labels, "terms": terms, "seen": self._spelling.seen}
        (folder / "model.json").write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
        weights = {f"idf_{name}": vectorizer.idf_ for name, vectorizer in self._vectorizers.items()}
        np.savez(folder / "weights.npz", intercepts=self._intercepts, **weights)
        # Seven in ten are 0; Rasa compresses the file, which takes as long as learning does for all of them.
        sparse.save_npz(folder / "coefficients.npz", sparse.csr_matrix(self._coefficients), compressed=False)

    @classmethod
    def load(cls, folder: Path) -> NgramModel:
        """Read a model that `save` wrote.

        Raises:
            OSError, ValueError, KeyError: the folder holds no such model, or a damaged one.
        """
        description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        model = cls(NgramSettings(**description["settings"]))
        with np.load(folder / "weights.npz", allow_pickle=False) as weights:
            for name, vectorizer in model._vectorizers.items():
                vectorizer.vocabulary_ = {term: position for position, term in enumerate(description["terms"][name])}
                vectorizer.idf_ = weights[f"idf_{name}"]
            model._intercepts = weights["intercepts"]
        model._coefficients = sparse.load_npz(folder / "coefficients.npz").toarray()
        model.labels = description["labels"]
        model._prepare(Spelling(description["seen"]))
        return model

    def _prepared(self, examples: Sequence[Example]) -> tuple[sparse.csr_matrix, Array, Array]:
        """Learn the terms and the labels; return the features of the texts, a 1 for each label of a text, and weights."""
        texts = [example.text for example in examples]
        for vectorizer in self._vectorizers.values():
            vectorizer.fit(texts)
        self._prepare(Spelling.of(texts))
        binarizer = MultiLabelBinarizer()
        marks = binarizer.fit_transform([example.labels for example in examples])
        self.labels = [str(label) for label in binarizer.classes_]
        weights = np.array([example.weight / len(example.labels) for example in examples])
        features = self._features(texts).astype(np.float64)  # LinearSVC computes in doubles
        features.sum_duplicates()
        return features, marks, weights

    def _separated(self, features: sparse.csr_matrix, marks: Array, weights: Array) -> tuple[Array, Array]:
        """Return what tells each label's examples from the others: coefficients (features, labels), intercepts (labels,)."""

        def separator(marked: Array) -> LinearSVC:
            learner = LinearSVC(C=self.settings.regularisation, tol=TOLERANCE, random_state=0)
            return learner.fit(features, marked, sample_weight=weights)

        with ThreadPoolExecutor() as pool:  # LinearSVC learns outside Python's lock
            each = list(pool.map(separator, marks.T))
        coefficients = np.ascontiguousarray(np.array([one.coef_[0] for one in each], dtype=np.float32).T)
        return coefficients, np.array([one.intercept_[0] for one in each], dtype=np.float32)

    def _forget_weak_terms(self) -> None:
        """Leave out the terms that tell no label from the others: nearly half, and it reads as well without them."""
        strong = np.abs(self._coefficients).max(axis=1) >= WEAK
        self._coefficients, first = self._coefficients[strong], 0
        for vectorizer in self._vectorizers.values():
            terms, idf = vectorizer.vocabulary_, vectorizer.idf_
            kept = strong[first : first + len(terms)]
            place = np.cumsum(kept) - 1
            vectorizer.vocabulary_ = {term: int(place[number]) for term, number in terms.items() if kept[number]}
            vectorizer.idf_ = idf[kept]
            first += len(terms)
        self._prepare(self._spelling)

    def _prepare(self, spelling: Spelling) -> None:
        """Make ready what reads texts, from vectorizers that know their terms."""
        self._spelling = spelling
        self._readers = [
            (vectorizer.build_analyzer(), vectorizer.vocabulary_, vectorizer.idf_)
            for vectorizer in self._vectorizers.values()
        ]
        self._width = sum(len(vocabulary) for _, vocabulary, _ in self._readers)

    def _features(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return a row for each text; a term of the sentence that asks stands in it twice, with its share of both."""
        rows = [self._row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns, values = (np.concatenate(each) for each in zip(*rows, strict=True))
        return sparse.csr_matrix((values, columns, ends), shape=(len(texts), self._width), dtype=np.float32)

    def _row(self, text: str) -> Terms:
        clause = asking_clause(text)
        columns, values = self._terms(text)
        if not clause:
            return columns, values
        also, more = self._terms(clause)
        weight = np.float32(self.settings.asking_clause)
        return np.concatenate([columns, also]), np.concatenate([(1 - weight) * values, weight * more])

    def _terms(self, text: str) -> Terms:
        """Return what the vectorizers' `transform` would, without the checks that take most of its time for a few texts."""
        columns: list[npt.NDArray[np.intp]] = []
        values: list[Array] = []
        first = 0
        for analyze, vocabulary, idf in self._readers:
            found = Counter(map(vocabulary.get, analyze(text)))
            found.pop(None, None)
            terms = np.fromiter(found, np.intp, len(found))
            weights = (1 + np.log(np.fromiter(found.values(), np.float32, len(found)))) * idf[terms]
            columns.append(terms + first)
            values.append(weights / (np.sqrt(weights @ weights) or 1))
            first += len(vocabulary)
        return np.concatenate(columns), np.concatenate(values)


def beginnings(text: str) -> list[str]:
    """Return how each word begins, and each two of these: what is said of what, in whatever order and however far apart."""
    words = re.findall(WORD, strip_accents_unicode(text.lower()))
    first = sorted(list(dict.fromkeys(word[:BEGINNING] for word in words))[:MOST_WORDS])
    return [*first, *(f"{one} {other}" for one, other in combinations(first, 2))]


def asking_clause(text: str) -> Optional[str]:
    """Return the sentence of a story that asks: the last with a question mark, else the last; None for one sentence."""
    sentences = [sentence for sentence in _BETWEEN_SENTENCES.split(text.strip()) if sentence]
    if len(sentences) < 2:
        return None
    asking = [sentence for sentence in sentences if sentence.endswith("?")]
    clause = (asking or sentences)[-1]
    return clause if len(clause.split()) >= FEWEST_WORDS_OF_A_CLAUSE else None


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _temperature(scores: Array, right: npt.NDArray[np.intp]) -> float:
    """Return the factor on the scores under which the right labels are likeliest, so that 0.7 means right 7 in 10 times."""

    def surprise(logarithm: float) -> float:
        chances = _softmax(scores * np.exp(logarithm))[np.arange(len(right)), right]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-2.0, 4.0), method="bounded").x))
