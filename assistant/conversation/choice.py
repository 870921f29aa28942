"""A choice among candidates by a weighted sum of their features, and how the weights are learned (a conditional logit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
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
    """A choice that was made: the features of each candidate, and which was right."""

    candidates: Sequence[Features]
    right: int


def learn(situations: Sequence[Situation], regularisation: float) -> Choice:
    """Find the weights under which the right candidates are likeliest; `regularisation` holds them near 0."""
    names = sorted({name for situation in situations for features in situation.candidates for name in features})
    position = {name: number for number, name in enumerate(names)}
    matrices = [_matrix(situation.candidates, position) for situation in situations]
    right = [situation.right for situation in situations]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, gradient = regularisation * float(weights @ weights), 2 * regularisation * weights
        for matrix, chosen in zip(matrices, right, strict=True):
            scores = matrix @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            total -= float(np.log(max(chances[chosen], 1e-12)))
            gradient += chances @ matrix - matrix[chosen]
        return total, gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Choice({name: round(float(weight), 4) for name, weight in zip(names, found.x, strict=True)})


def _matrix(candidates: Sequence[Features], position: Mapping[str, int]) -> Matrix:
    matrix = np.zeros((len(candidates), len(position)))
    for row, features in enumerate(candidates):
        for name, value in features.items():
            matrix[row, position[name]] = value
    return matrix
