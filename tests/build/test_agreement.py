"""Agreement of INT8 with FP32 scores."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gonogo.build.agreement import Agreement, Bounds, Scores, compare_scores


def _scores(seed: int = 1) -> Scores:
    rng = np.random.default_rng(seed)
    good, variants = np.exp(rng.normal(1, 0.1, 40)), np.exp(rng.normal(1.1, 0.15, 60))
    return Scores(good, variants, np.exp(rng.normal(2, 0.4, 60)))


def _mapped(scores: Scores, change: np.ufunc) -> Scores:
    return Scores(*(change(kind) for kind in scores))


def test_compare_scores_agrees_with_itself() -> None:
    """The very same scores agree without any loss."""
    agreement = compare_scores(_scores(), _scores())
    assert agreement.rank == pytest.approx(1)
    assert (agreement.limit_shift, agreement.separation_loss) == (0, 0)
    assert agreement.ok


def test_compare_scores_takes_small_noise() -> None:
    """One percent of noise does not change a ranking."""
    fp32 = _scores()
    rng = np.random.default_rng(3)
    int8 = Scores(*(kind * rng.normal(1, 0.01, len(kind)) for kind in fp32))
    assert compare_scores(fp32, int8).ok


def test_compare_scores_refuses_a_lost_ranking() -> None:
    """Shuffled scores have the same distribution and rank nothing."""
    fp32 = _scores()
    rng = np.random.default_rng(3)
    agreement = compare_scores(fp32, Scores(*(rng.permutation(kind) for kind in fp32)))
    assert agreement.rank < 0.9
    assert not agreement.ok


def test_compare_scores_refuses_a_moved_limit() -> None:
    """Scores twice as large rank alike, but the limits of the FP32 file would be wrong."""
    fp32 = _scores()
    agreement = compare_scores(fp32, Scores(*(2 * kind for kind in fp32)))
    assert agreement.rank == pytest.approx(1)
    assert agreement.limit_shift > 1
    assert not agreement.ok


def test_compare_scores_refuses_lost_separation() -> None:
    """Defects that no longer stand out are lost, even if the good parts rank alike."""
    fp32 = _scores()
    agreement = compare_scores(fp32, fp32._replace(defaced=fp32.defaced * 0.5))
    assert agreement.separation_loss > 0.01
    assert not agreement.ok


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_compare_scores_refuses_what_is_no_number(odd: float) -> None:
    """One score that is not finite is one too many."""
    fp32 = _scores()
    int8 = fp32._replace(good=np.append(fp32.good[:-1], odd))
    assert not compare_scores(fp32, int8).ok


def _with_bad(seed: int = 1) -> Scores:
    rng = np.random.default_rng(seed)
    maps = rng.normal(0, 1, (200, 16))
    return _scores(seed)._replace(bad=np.exp(rng.normal(2, 0.5, 40)), maps=maps)


def test_compare_scores_counts_real_bad_parts_where_there_are_any() -> None:
    """Made defects may drop when the bad parts themselves are told as before."""
    fp32 = _with_bad()
    agreement = compare_scores(fp32, fp32._replace(bad=fp32.bad * 0.5))
    assert agreement.auroc is not None
    assert agreement.separation_loss == agreement.auroc[0] - agreement.auroc[1] > 0.01
    assert compare_scores(fp32, fp32).auroc == (agreement.auroc[0], agreement.auroc[0])


def test_compare_scores_allows_the_loss_it_is_told() -> None:
    """The same figures pass or not as the bounds say."""
    fp32 = _with_bad()
    order = np.argsort(fp32.bad)
    weakest = fp32.bad.copy()
    weakest[order[:1]] = fp32.good.min() * 0.99
    lost = compare_scores(fp32, fp32._replace(bad=weakest)).separation_loss
    assert lost > 0
    tight, loose = (
        compare_scores(fp32, fp32._replace(bad=weakest), Bounds(allowed))
        for allowed in (lost / 2, lost * 2)
    )
    assert not tight.ok
    assert loose.separation_loss == tight.separation_loss


def test_compare_scores_asks_for_the_rank_correlation_it_is_told() -> None:
    """And says in its words what that was."""
    fp32 = _scores()
    rng = np.random.default_rng(3)
    int8 = Scores(*(kind * rng.normal(1, 0.03, len(kind)) for kind in fp32))
    usual = compare_scores(fp32, int8, Bounds(limit_shift_max=np.inf))
    assert usual.ok
    strict = compare_scores(
        fp32, int8, Bounds(limit_shift_max=np.inf, rank_min=(1 + usual.rank) / 2)
    )
    assert not strict.ok
    assert f"(at least {strict.bounds.rank_min:g})" in str(strict)


def test_compare_scores_tells_the_worst_change_of_place() -> None:
    """One part that falls from the first place to the last moved by all the others."""
    good = np.arange(1.0, 41.0)
    fp32 = Scores(good, good + 0.5, good + 50)
    moved = good.copy()
    moved[0] = 1000
    agreement = compare_scores(fp32, fp32._replace(good=moved))
    assert agreement.rank_change == pytest.approx(119 / 120)


def test_compare_scores_refuses_maps_that_point_elsewhere() -> None:
    """Scores may agree while the map shows another place."""
    fp32 = _with_bad()
    same = compare_scores(fp32, fp32)
    assert same.map_agreement == pytest.approx(1)
    assert same.ok
    turned = compare_scores(fp32, fp32._replace(maps=-fp32.maps))
    assert turned.map_agreement == pytest.approx(-1)
    assert not turned.ok


def test_compare_scores_without_maps_says_nothing_of_them() -> None:
    """A model without a map is not judged by one."""
    agreement = compare_scores(_scores(), _scores())
    assert agreement.map_agreement is None
    assert "maps" not in str(agreement)


def test_agreement_comes_back_from_its_table() -> None:
    """What the work folder keeps is what was found."""
    bounds = Bounds(0.02, 0.5)
    for fp32 in (_scores(), _with_bad()):
        found = compare_scores(fp32, fp32, bounds)
        again = Agreement.from_table(json.loads(json.dumps(found.table())), bounds)
        assert again == found
