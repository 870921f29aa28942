"""Small decision trees, for what is a sign only together with something else: learned with scikit-learn, kept as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier

from assistant.conversation.choice import Choice

Matrix = npt.NDArray[np.float32]
DEPTH = 4
SETTINGS = {
    "n_estimators": 600,
    "max_depth": DEPTH,
    "learning_rate": 0.03,
    "subsample": 0.5,
    "max_features": 0.3,
    "min_samples_leaf": 5,
    "random_state": 0,
}


@dataclass(frozen=True)
class Trees:
    """Trees of which each leaf adds to the log odds; arrays are (trees, nodes), and a leaf leads to itself."""

    start: float
    sign: npt.NDArray[np.intp]  # the column that a node looks at
    threshold: Matrix  # up to which it goes left
    left: npt.NDArray[np.intp]
    right: npt.NDArray[np.intp]
    value: Matrix

    def log_odds(self, rows: Matrix) -> Matrix:
        """Return the logarithm of the odds that each row of signs is one of those that were right."""
        tree = np.arange(len(self.sign))
        node = np.zeros((len(rows), len(tree)), dtype=np.intp)
        for _ in range(DEPTH):
            seen = np.take_along_axis(rows, self.sign[tree, node], axis=1)
            node = np.where(seen <= self.threshold[tree, node], self.left[tree, node], self.right[tree, node])
        summed: Matrix = self.start + self.value[tree, node].sum(axis=1)
        return summed

    def as_numbers(self) -> dict[str, Any]:
        """Return what `of_numbers` reads."""
        rounded = {"threshold": self.threshold.round(6), "value": self.value.round(5)}
        arrays = {"sign": self.sign, **rounded, "left": self.left, "right": self.right}
        return {"start": round(self.start, 5), **{name: array.tolist() for name, array in arrays.items()}}

    @classmethod
    def of_numbers(cls, numbers: Mapping[str, Any]) -> Trees:
        """Read what `as_numbers` wrote.

        Raises:
            KeyError, ValueError: it is something else.
        """
        sign, left, right = (np.array(numbers[name], dtype=np.intp) for name in ("sign", "left", "right"))
        threshold, value = (np.array(numbers[name], dtype=np.float32) for name in ("threshold", "value"))
        return cls(numbers["start"], sign, threshold, left, right, value)


@dataclass(frozen=True)
class Scoring:
    """What was learned of a kind of decision: weights of signs by themselves, and trees for signs together."""

    choice: Choice
    trees: Trees


def learn_trees(rows: Sequence[Sequence[float]], which: Sequence[bool]) -> Trees:
    """Learn from rows of signs, and from which of them were right."""
    model = GradientBoostingClassifier(**SETTINGS).fit(np.array(rows, dtype=np.float32), np.array(which))
    trees = [estimator.tree_ for estimator in model.estimators_[:, 0]]
    nodes = np.arange(max(tree.node_count for tree in trees))

    def of_all(name: str) -> npt.NDArray[Any]:
        array = np.zeros((len(trees), len(nodes)))
        for row, tree in zip(array, trees, strict=True):
            row[: tree.node_count] = getattr(tree, name).ravel()
        return array

    left, right, share = of_all("children_left"), of_all("children_right"), float(np.mean(which))
    return Trees(
        start=float(np.log(share / (1 - share))),
        sign=np.maximum(of_all("feature"), 0).astype(np.intp),
        threshold=of_all("threshold").astype(np.float32),
        left=np.where(left < 0, nodes, left).astype(np.intp),
        right=np.where(right < 0, nodes, right).astype(np.intp),
        value=(of_all("value") * SETTINGS["learning_rate"]).astype(np.float32),
    )
