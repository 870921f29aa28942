"""A choice among candidates by a weighted sum of their features, and how the weights are learned (a conditional logit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """A choice that was made: the features of each candidate, and which was right."""

    candidates: Sequence[Features]
    right: int


def learn(situations: Sequence[Situation], regularisation: float) -> Choice:
    """Find the weights under which the right candidates are likeliest; `regularisation` holds them near 0."""
    names = sorted({name for situation in situations for features in situation.candidates for name in features})
    matrix = _matrix([features for situation in situations for features in situation.candidates], names)
    sizes = np.array([len(situation.candidates) for situation in situations])
    first = np.cumsum(sizes) - sizes
    right = first + [situation.right for situation in situations]

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        scores = matrix @ weights
        powers = np.exp(scores - np.repeat(np.maximum.reduceat(scores, first), sizes))
        chances = powers / np.repeat(np.add.reduceat(powers, first), sizes)
        surprise = -np.log(np.maximum(chances[right], 1e-12)).sum()
        chances[right] -= 1.0
        return float(surprise + regularisation * weights @ weights), matrix.T @ chances + 2 * regularisation * weights

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return Choice({name: round(float(weight), 4) for name, weight in zip(names, found.x, strict=True)})


def _matrix(candidates: Sequence[Features], names: Sequence[str]) -> sparse.csr_matrix:
    position = {name: number for number, name in enumerate(names)}
    columns = [position[name] for features in candidates for name in features]
    values = [value for features in candidates for value in features.values()]
    ends = np.cumsum([0, *(len(features) for features in candidates)])
    return sparse.csr_matrix((values, columns, ends), shape=(len(candidates), len(names)))
