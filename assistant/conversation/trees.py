"""Small decision trees, for what is a sign only together with something else: learned with scikit-learn, kept as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.tree._tree import Tree

from assistant.conversation.choice import Choice

Matrix = npt.NDArray[np.float32]
DEPTH = 4
NODES = 2**DEPTH - 1  # of a complete tree, which has one leaf more
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
    """Complete trees of which each leaf adds to the log odds; below node n are the nodes 2n + 1 (left) and 2n + 2."""

    start: float
    sign: npt.NDArray[np.intp]  # (trees, NODES): the column that a node looks at
    threshold: Matrix  # (trees, NODES): up to which it goes left
    value: Matrix  # (trees, NODES + 1): of each leaf

    def log_odds(self, rows: Matrix) -> Matrix:
        """Return the logarithm of the odds that each row of signs is one of those that were right."""
        seen = np.ascontiguousarray(rows.T).take(self.sign, axis=0)  # (trees, NODES, rows); so it is read fastest
        goes_right = seen > self.threshold[:, :, np.newaxis]
        value = self.value[:, :, np.newaxis]
        for level in reversed(range(DEPTH)):  # of each node what stands below it on the way taken
            ways = goes_right[:, 2**level - 1 : 2 ** (level + 1) - 1]
            value = np.where(ways, value[:, 1::2], value[:, ::2])
        summed: Matrix = self.start + value[:, 0].sum(axis=0)
        return summed

    def as_numbers(self) -> dict[str, Any]:
        """Return what `of_numbers` reads."""
        arrays = {"sign": self.sign, "threshold": self.threshold.round(6), "value": self.value.round(5)}
        return {"start": round(self.start, 5), **{name: array.tolist() for name, array in arrays.items()}}

    @classmethod
    def of_numbers(cls, numbers: Mapping[str, Any]) -> Trees:
        """Read what `as_numbers` wrote.

        Raises:
            KeyError, ValueError: it is something else.
        """
        threshold, value = (np.array(numbers[name], dtype=np.float32) for name in ("threshold", "value"))
        return cls(numbers["start"], np.array(numbers["sign"], dtype=np.intp), threshold, value)


@dataclass(frozen=True)
class Scoring:
    """What was learned of a kind of decision: weights of signs by themselves, and trees for signs together."""

    choice: Choice
    trees: Trees


def learn_trees(rows: Sequence[Sequence[float]], which: Sequence[bool]) -> Trees:
    """Learn from rows of signs, and from which of them were right."""
    model = GradientBoostingClassifier(**SETTINGS).fit(np.array(rows, dtype=np.float32), np.array(which))
    trees = [_complete(estimator.tree_) for estimator in model.estimators_[:, 0]]
    sign, threshold, value = (np.array(each) for each in zip(*trees, strict=True))
    share = float(np.mean(which))
    return Trees(
        start=float(np.log(share / (1 - share))),
        sign=sign.astype(np.intp),
        threshold=threshold.astype(np.float32),
        value=(value * SETTINGS["learning_rate"]).astype(np.float32),
    )


def _complete(tree: Tree) -> tuple[list[int], list[float], list[float]]:
    """Return signs, thresholds and leaves of a complete tree; where `tree` ends early, both ways lead to the same."""
    nodes = [0]  # of `tree`, in the order of the complete one
    for place in range(NODES):
        node = nodes[place]
        ends = tree.children_left[node] < 0
        nodes += [node, node] if ends else [tree.children_left[node], tree.children_right[node]]
    inner, leaves = nodes[:NODES], nodes[NODES:]
    signs = [max(int(tree.feature[node]), 0) for node in inner]
    return signs, [float(tree.threshold[node]) for node in inner], [float(tree.value[node][0, 0]) for node in leaves]
