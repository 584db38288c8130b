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

    def of(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Whitened places (n, G * G, DEPTH) of features (n, C, G, G)."""
        rows = features.reshape(*features.shape[:2], -1).transpose(0, 2, 1)
        return np.asarray((rows - self.mean) @ self.project, np.float32)


def learn_whitening(features: NDArray[np.float32], rule: Rule) -> Whitening:
    """From all places of features (n, C, G, G)."""
    channels = features.shape[1]
    # near the middle: far from it the digits of a float32 would go to the mean
    start = features[0].mean(axis=(1, 2))
    total, products, places = np.zeros(channels), np.zeros((channels, channels)), 0
    # image by image, their sums in double: of some millions of float32 they would lose digits
    for image in features:
        rows = image.reshape(channels, -1) - start[:, None]
        total += rows.sum(axis=1)
        products += rows @ rows.T
        places += rows.shape[1]
    mean = total / places
    covariance = products / places - np.outer(mean, mean)
    own = np.sqrt(np.diag(covariance).clip(1e-12)) if rule.alike else np.ones(channels)
    covariance /= np.outer(own, own)
    # ascending; the strongest directions are wanted
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1][:DEPTH], directions[:, ::-1][:, :DEPTH]
    floor = rule.floor * float(np.trace(covariance)) / channels + 1e-12
    project = directions / np.sqrt(variances.clip(0) + floor) / own[:, None]
    return Whitening((start + mean).astype(np.float32), project.astype(np.float32))
