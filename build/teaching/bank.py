"""A bank of good patches: how far a place is from the nearest of them.

A patch is 64 whitened channels and where it lies, so that a surface that is good here is not
good everywhere. Source: PatchCore (Roth et al., CVPR 2022), whose greedy k-centre choice this
is; the position in it is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gonogo.build.teaching.whitening import DEPTH, Rule, Whitening, learn_whitening

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATCHES = 1024
ROWS = 25_000  # drawn by chance, of which the patches are chosen
POSITION = 6.0 * DEPTH**0.5  # what a whole image's height counts, in units of whitened channels
# so small that no BLAS shares it out to threads: on a busy box those wait for each other most
# of the time, and by how many there are the last bit of a sum may change
_CHUNK = 4096
_SEED = 57  # the same parts make the same engine


class Bank(NamedTuple):
    """`patches` float32 (n, DEPTH + 2): whitened channels, row, column."""

    whitening: Whitening
    patches: NDArray[np.float32]

    @property
    def bias(self) -> NDArray[np.float32]:
        """-|patch|^2 / 2 (n,): what makes the nearest patch the one of the largest product."""
        return np.asarray(-0.5 * (self.patches**2).sum(axis=1), np.float32)

    def distances(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Maps (n, G, G) of features (n, C, G, G): root mean square over the channels."""
        grid = features.shape[-1]
        return np.array([self._map(image, grid) for image in features], np.float32)

    def _map(self, image: NDArray[np.float32], grid: int) -> NDArray[np.float32]:
        # one at a time: every place meets every patch
        places = np.arange(grid * grid)
        rows = placed(self.whitening.of(image.reshape(len(image), -1).T), places, grid)
        nearest = (rows @ self.patches.T + self.bias).max(axis=1)
        squared = (rows * rows).sum(axis=1) - 2 * nearest
        return np.asarray(np.sqrt(squared.clip(0) / DEPTH).reshape(grid, grid))


def learn_bank(features: NDArray[np.float32], rule: Rule) -> Bank:
    """Whitening and patches from features of good parts (n, C, G, G)."""
    images, channels, grid, _ = features.shape
    places = images * grid * grid
    rng = np.random.default_rng(_SEED)
    drawn = np.sort(rng.choice(places, min(ROWS, places), replace=False))
    image, place = np.divmod(drawn, grid * grid)
    # only these, for whitening too: of all rows a copy would be a GB
    rows = features.reshape(images, channels, -1)[image, :, place]
    whitening = learn_whitening(rows, rule)
    found = placed(whitening.of(rows), place, grid)
    return Bank(whitening, found[k_centre(found, PATCHES)])


def placed(rows: NDArray[np.float32], places: NDArray[np.intp], grid: int) -> NDArray[np.float32]:
    """Rows (n, DEPTH) with the positions of their places (n,) behind: (n, DEPTH + 2)."""
    where = positions(grid).reshape(2, -1).T
    return np.concatenate([rows, where[places]], axis=1)


def positions(grid: int) -> NDArray[np.float32]:
    """Row and column of each place of the grid, times POSITION: float32 (2, G, G)."""
    along = np.arange(grid) / grid * POSITION
    return np.array(np.meshgrid(along, along, indexing="ij"), np.float32)


def k_centre(rows: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices of `count` rows, each the furthest from all before it; fewer of fewer rows."""
    squares = (rows * rows).sum(axis=1)
    distances = np.full(len(rows), np.inf, np.float32)
    products = np.empty(len(rows), np.float32)
    chosen = np.zeros(min(count, len(rows)), np.intp)
    # the first is as good as any other: the rows were drawn by chance
    for k in range(1, len(chosen)):
        last = chosen[k - 1]
        for start in range(0, len(rows), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            np.dot(rows[chunk], rows[last], out=products[chunk])
        np.minimum(distances, squares - 2 * products + squares[last], out=distances)
        chosen[k] = distances.argmax()
    return chosen
