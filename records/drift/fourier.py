"""Random features of embeddings, with which MMD is the distance of two means.

    phi(x) = sqrt(1 / m) [cos(W x), sin(W x)],  W of m rows drawn from N(0, 1 / bandwidth^2)
    MMD^2(P, Q) = |mean phi(P) - mean phi(Q)|^2, of the Gaussian kernel

Sources: Rahimi and Recht, NIPS 2007; MMD: Gretton et al., JMLR 13, 2012, with their median
heuristic for the bandwidth. A mean of features is all that is kept of an hour's embeddings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAIRS = 256  # of cosine and sine: 512 features
SEED = 2007
_LEAST = 1e-6


class FeatureMap(NamedTuple):
    """`shift`, `scale` (n,): an embedding is brought to unit spread first. `rows`: (n, PAIRS)."""

    shift: NDArray[np.float32]
    scale: NDArray[np.float32]
    rows: NDArray[np.float32]
    bandwidth: float

    @property
    def length(self) -> int:
        """Of the embeddings that it takes."""
        return len(self.shift)

    def of(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features float32 (k, 2 PAIRS) of embeddings (k, n)."""
        angles = self.scaled(embeddings) @ self.rows
        found = np.concatenate([np.cos(angles), np.sin(angles)], axis=1)
        return np.asarray(found * np.float32(PAIRS**-0.5))

    def scaled(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same embeddings (k, n) with unit spread: what the kernel is of."""
        return np.asarray((embeddings - self.shift) / self.scale, np.float32)


def feature_map(sample: NDArray[np.float32]) -> FeatureMap:
    """From the first good embeddings (k, n), k >= 2; the same ones give the same map."""
    shift, spread = sample.mean(axis=0), sample.std(axis=0)
    # a number that never varies would count without bounds when it does
    scale = np.maximum(spread, max(float(np.median(spread)) / 10, _LEAST))
    near = (sample - shift) / scale
    return map_of(shift, scale, bandwidth_of(near))


def map_of(shift: NDArray[np.float32], scale: NDArray[np.float32], bandwidth: float) -> FeatureMap:
    """The map of these; its rows follow from them and SEED."""
    rows = np.random.default_rng(SEED).standard_normal((len(shift), PAIRS), np.float32)
    plain = np.asarray(shift, np.float32), np.asarray(scale, np.float32)
    return FeatureMap(*plain, np.asarray(rows / np.float32(bandwidth), np.float32), bandwidth)


def bandwidth_of(near: NDArray[np.float32]) -> float:
    """The median distance of two rows (k, n)."""
    squares = (near * near).sum(axis=1)
    between = squares[:, None] + squares[None, :] - 2 * near @ near.T
    upper = between[np.triu_indices(len(near), 1)]
    return max(float(np.sqrt(max(float(np.median(upper)), 0.0))), _LEAST)


def mmd2(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """MMD^2 of two means of features (2 PAIRS,)."""
    off = one.astype(np.float64) - other
    return float(off @ off)
