"""Channels made alike: no direction of the features is loud only because it varies a lot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEPTH = 64  # whitened channels


class Rule(NamedTuple):
    """How features are whitened.

    `alike`: channels are divided by their own spread first. `floor`, of the mean variance, is
    added to each direction's: divided by less, weak ones, mostly noise, would be as loud.
    """

    alike: bool
    floor: float


class Whitening(NamedTuple):
    """(features - `mean`) @ `project`: float32 (C,) and (C, DEPTH)."""

    mean: NDArray[np.float32]
    project: NDArray[np.float32]

    def of(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Whitened rows (n, DEPTH) of rows (n, C)."""
        return np.asarray((rows - self.mean) @ self.project, np.float32)


def learn_whitening(rows: NDArray[np.float32], rule: Rule) -> Whitening:
    """From rows (n, C), each the features of one place."""
    # a sum of many float32 loses digits
    mean = rows.mean(axis=0, dtype=np.float64)
    centred = rows - mean.astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64) / len(rows)
    own = np.sqrt(np.diag(covariance).clip(1e-12)) if rule.alike else np.ones(len(mean))
    covariance /= np.outer(own, own)
    # ascending; the strongest directions are wanted
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1][:DEPTH], directions[:, ::-1][:, :DEPTH]
    floor = rule.floor * float(np.trace(covariance)) / len(mean) + 1e-12
    project = directions / np.sqrt(variances.clip(0) + floor) / own[:, None]
    return Whitening(mean.astype(np.float32), project.astype(np.float32))
