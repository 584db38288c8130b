"""From good parts to a proven engine."""

from __future__ import annotations

import numpy as np
import pytest

from gonogo.build.teaching.eyes import Eyes
from gonogo.build.teaching.learn import Taught, cross_validate, learn, look
from gonogo.build.teaching.lite0 import lite0_model
from gonogo.build.teaching.places import worst
from gonogo.build.teaching.recipes import FILTERS, PRETRAINED
from gonogo.build.teaching.textures import textures
from gonogo.engines.backends.catalogue import cpu_backends
from gonogo.tests.build.parts import quiet
from gonogo.tests.build.teaching.small import made_weights, small_parts

# the eyes of the pretrained recipe with weights by chance: quick, and there without the package
BY_CHANCE = PRETRAINED._replace(
    eyes=lambda parts: lite0_model(made_weights(), parts.side_px),
    ranges=lambda parts: textures(4, parts.side_px),
)
SIDE = 64


@pytest.fixture(scope="module")
def taught() -> Taught:
    """An engine from six plates."""
    return learn(small_parts(6, SIDE), FILTERS, quiet)


def test_learn_proves_the_file_in_every_backend(taught: Taught) -> None:
    """What the file says is what the engine said that the limits come from."""
    assert set(taught.proven) == set(cpu_backends())
    assert all(found.rank > 0.98 for found in taught.agreement.values())
    assert not taught.in_int8


def test_learn_scores_each_part_by_an_engine_that_has_not_seen_it(taught: Taught) -> None:
    """Of few parts each is left out in turn; such scores are above those of known parts."""
    parts = small_parts(6, SIDE)
    assert (taught.folds, len(taught.out_of_fold)) == (6, 6)
    eyes = Eyes(taught.model)
    known = [float(eyes.see(frame, "score")[0]) for frame in parts.good]
    assert np.median(taught.out_of_fold) > 1.1 * np.median(known)


def test_learn_teaches_on_int8_eyes_and_compares_them_with_fp32() -> None:
    """The eyes are in INT8, the head is in float, and what INT8 costs is known."""
    taught = learn(small_parts(5, SIDE), BY_CHANCE, quiet)
    assert taught.in_int8
    assert taught.int8 is not None
    assert taught.int8.correlation > 0.5
    assert taught.agreement["onnxruntime"].rank > 0.999
    assert taught.model.count(b"patches_quantized") == 0


def test_learn_keeps_the_eyes_in_fp32_where_int8_loses_more_than_it_may() -> None:
    """The engine is taught once more, on the exact eyes; what INT8 would have cost is told."""
    taught = learn(small_parts(5, SIDE), BY_CHANCE, quiet, loss_max=-1.0)
    assert not taught.in_int8
    assert taught.int8 is not None
    assert b"QuantizeLinear" not in taught.model
    assert "onnxruntime" in taught.proven


def test_learn_makes_the_same_engine_of_the_same_parts(taught: Taught) -> None:
    """To the byte, with the same scores."""
    again = learn(small_parts(6, SIDE), FILTERS, quiet)
    assert again.model == taught.model
    assert np.array_equal(again.out_of_fold, taught.out_of_fold)


def test_cross_validate_leaves_out_a_part_with_all_its_looks() -> None:
    """A part that nobody else is like is far out of fold, though its own looks are near."""
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(1, 1, 80, 8, 8))
    looks = np.repeat(np.repeat(shared, 10, axis=0), 3, axis=1)
    looks += rng.normal(0, 0.05, looks.shape)
    looks[4] = rng.normal(size=(1, 80, 8, 8))
    maps = cross_validate(looks.astype(np.float32), BY_CHANCE, quiet)
    scores = worst(maps)
    assert scores.argmax() == 4
    assert scores[4] > 2 * np.delete(scores, 4).max()


def test_look_takes_fewer_variants_of_many_parts() -> None:
    """Each photograph first; four looks of few parts, one where there are fifty."""
    eyes = Eyes(lite0_model(made_weights(), SIDE))
    parts = small_parts(5, SIDE)
    found = look(eyes, parts, quiet)
    assert found.shape[:2] == (5, 5)
    assert np.array_equal(found[3, 0], eyes.see(parts.good[3]))
    assert np.array_equal(found[3, 1], eyes.see(parts.variants[3 * parts.per_part]))
    many = parts._replace(good=parts.good * 10, variants=parts.variants * 10)
    assert look(eyes, many, quiet).shape[:2] == (50, 2)
