"""The figures of a campaign: what is counted, what is proven, how it is shown."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.base.errors import FaultError
from gonogo.ipc.fault_kinds import FAULTS
from gonogo.proving.campaign.command import CampaignOrder, choose
from gonogo.proving.campaign.outcome import CampaignOutcome, Injection, RowOutcome, lower95
from gonogo.proving.campaign.page import write_page
from gonogo.proving.campaign.rows import ROWS

if TYPE_CHECKING:
    from pathlib import Path

SVG_MARK = "<svg"


def outcome(*rows: RowOutcome) -> CampaignOutcome:
    """A campaign of these rows."""
    return CampaignOutcome(rows, quick=True, seed=1, seconds=12.3, realtime="not permitted here")


def shots(*detect_ms: float | None) -> tuple[Injection, ...]:
    """Injections that were noticed after so long."""
    return tuple(Injection(10.0 * k, ms, 0.5, 1, 1) for k, ms in enumerate(detect_ms))


@pytest.mark.parametrize(
    ("detected", "dangerous", "bound"),
    [(3000, 3000, 0.999), (59, 59, 0.9505), (1, 1, 0.05), (0, 5, 0.0), (95, 100, 0.8977)],
)
def test_lower95_is_the_exact_bound(detected: int, dangerous: int, bound: float) -> None:
    """Against the closed form 0.05 ** (1/n) for n of n, and a table for 95 of 100."""
    found = lower95(detected, dangerous)
    assert found is not None
    expected = 0.05 ** (1 / dangerous) if detected == dangerous else bound
    assert found == pytest.approx(expected, abs=2e-4)
    assert found >= bound - 2e-4


@given(st.integers(1, 400), st.data())
def test_lower95_lies_below_the_share_and_grows_with_it(
    dangerous: int, data: st.DataObject
) -> None:
    """Never more than what was seen; one more detection never makes it less."""
    detected = data.draw(st.integers(0, dangerous - 1))
    here, more = lower95(detected, dangerous), lower95(detected + 1, dangerous)
    assert here is not None
    assert more is not None
    assert 0 <= here <= detected / dangerous
    assert here <= more <= 1


def test_lower95_of_nothing_is_nothing() -> None:
    """No bad part was hit: nothing is proven."""
    assert lower95(0, 0) is None


def test_outcome_has_the_stable_keys(tmp_path: Path) -> None:
    """As the issue of the report names them."""
    row = RowOutcome("engine-kill", "engine killed", shots(1.0, 3.0, None), 20, bound_ms=5.0)
    outcome(row).write(tmp_path / "campaign.json")
    found = json.loads((tmp_path / "campaign.json").read_text(encoding="utf-8"))
    (first,) = found["rows"]
    assert {"row", "injections", "wrong_accept", "late", "no_verdict", "detect_ms_p50",
            "detect_ms_max", "bound_ms", "recover_s_p50", "ran"} <= set(first)  # fmt: skip
    assert (first["injections"], first["detect_ms_p50"], first["detect_ms_max"]) == (3, 2.0, 3.0)
    assert found["coverage_lower95"] == pytest.approx(0.05 ** (1 / 3))


@pytest.mark.parametrize(
    "wrong", [{"wrong_accept": 1}, {"late": 1}, {"silent": ({"part_id": 7},)}, {"doubled": 1}]
)
def test_outcome_fails_by_any_single_wrong_part(wrong: dict[str, Any]) -> None:
    """And a campaign in which nothing ran proves nothing."""
    good = RowOutcome("a", "a", shots(1.0), 5)
    bad = replace(good, **wrong)
    assert outcome(good).passed
    assert not outcome(good, bad).passed
    assert not outcome(RowOutcome("c", "c", why_not="no such device")).passed


def test_page_draws_each_injection_and_escapes_every_word(tmp_path: Path) -> None:
    """A dot for what was noticed, a cross for what was not, and none outside of the picture."""
    row = RowOutcome("x", "<script>", shots(1.0, 3.0, None), 5, bound_ms=2.0)
    idle = RowOutcome("y", "not here", why_not="needs <a board>")
    write_page(outcome(row, idle), tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "not run: needs &lt;a board&gt;" in text
    svg = ET.fromstring(text[text.index(SVG_MARK) : text.index("</svg>") + 6])  # noqa: S314 - our own
    dots = svg.findall("circle")
    assert len(dots) == 2
    assert len([p for p in svg.findall("path") if p.get("class") == "miss"]) == 1
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    for dot in dots:
        assert 0 <= float(dot.get("cx", "-1")) <= width
        assert 0 <= float(dot.get("cy", "-1")) <= height


def order(*rows: str, phases: int | None = None) -> CampaignOrder:
    """An order for these rows."""
    return CampaignOrder(quick=True, rows=rows, phases=phases, seed=1)


def test_choose_takes_all_rows_or_those_that_are_named() -> None:
    """Slow rows come less often; a row that does not exist is named."""
    assert [row for row, _ in choose(order())] == list(ROWS)
    ((row, phases),) = choose(order("line-kill", phases=100))
    assert (row.name, phases) == ("line-kill", 100 // row.every)
    with pytest.raises(FaultError, match="no row is called 'xyz'"):
        choose(order("xyz"))


def test_every_row_of_the_campaign_is_a_fault_of_the_product_or_done_from_outside() -> None:
    """The same kinds drive the injector and the campaign."""
    outside = {"clients", "cpu-hog", "cpu-load", "network", "plc-frozen", "plc-silent", "plc-slow"}
    outside |= {"supervisor-kill", "engine-stop-go", "overrate", "memory-removed"}
    outside |= {"second-station", "second-copy"}
    outside |= {"bundle-wrong", "loader-memory", "engine-swap"}
    outside |= {"camera-of-two", "camera-reset", "camera-region", "camera-starved"}
    assert {row.name for row in ROWS} <= set(FAULTS) | outside
