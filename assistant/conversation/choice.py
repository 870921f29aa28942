"""A choice among candidates by a weighted sum of their features, and how the weights are learned (a conditional logit)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

Matrix = npt.NDArray[np.float64]
Features = Mapping[str, float]  # by name; what is not named is 0


@dataclass(frozen=True)
class Choice:
    """The weight of each feature, by name."""

    weights: Mapping[str, float]

    def score(self, features: Features) -> float:
        """Return the score of a candidate; those of two candidates differ by the logarithm of their odds."""
        return sum(self.weights.get(name, 0.0) * value for name, value in features.items())


@dataclass(frozen=True)
class Situation:
    """A choice that was made: the features of each candidate, and which were right: mostly one."""

    candidates: Sequence[Features]
    right: Collection[int]


def learn(situations: Sequence[Situation], regularisation: float) -> Choice:
    """Find the weights under which it is likeliest that a right candidate is chosen; `regularisation` holds them near 0."""
    names = sorted({name for situation in situations for features in situation.candidates for name in features})
    matrix = _matrix([features for situation in situations for features in situation.candidates], names)
    sizes = np.array([len(situation.candidates) for situation in situations])
    first = np.cumsum(sizes) - sizes
    right = np.zeros(len(matrix.indptr) - 1, dtype=bool)
    right[[start + number for start, situation in zip(first, situations, strict=True) for number in situation.right]] = True

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores = matrix @ weights
        powers = np.exp(scores - np.repeat(np.maximum.reduceat(scores, first), sizes))
        chances = powers / np.repeat(np.add.reduceat(powers, first), sizes)
        of_right = np.maximum(np.add.reduceat(chances * right, first), 1e-12)
        wanted = chances * right / np.repeat(of_right, sizes)
        gradient = matrix.T @ (chances - wanted) + 2 * regularisation * weights
        return float(-np.log(of_right).sum() + regularisation * weights @ weights), gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Choice({name: round(float(weight), 4) for name, weight in zip(names, found.x, strict=True)})


def _matrix(candidates: Sequence[Features], names: Sequence[str]) -> sparse.csr_matrix:
    position = {name: number for number, name in enumerate(names)}
    columns = [position[name] for features in candidates for name in features]
    values = [value for features in candidates for value in features.values()]
    ends = np.cumsum([0, *(len(features) for features in candidates)])
    return sparse.csr_matrix((values, columns, ends), shape=(len(candidates), len(names)))
