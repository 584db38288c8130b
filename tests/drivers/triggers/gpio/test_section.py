"""What a station file says of a photo-eye on a GPIO chip, and of an encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gonogo.base.gpio.lines import Wanted
from gonogo.base.gpio.section import LABEL_LENGTH
from gonogo.drivers.triggers.gpio.section import GpioSection
from gonogo.tests.drivers.triggers.gpio.eyes import encoder, gpio
from gonogo.tests.stations import small_station


def test_eye_is_named_after_its_station() -> None:
    """So that whoever finds the line taken is told by whom; the kernel keeps 31 letters."""
    assert gpio().order.consumer == "gonogo bolts"
    assert gpio(consumer="press 4").order.consumer == "press 4"
    long = gpio(consumer="").of_station("b" * 40, 100.0, 20.0).model_copy(update={"consumer": ""})
    assert len(long.of_station("b" * 40, 100.0, 20.0).order.consumer) == LABEL_LENGTH


def test_eye_takes_its_pitch_from_the_station() -> None:
    """With room for parts that are not quite in their places; one that is given stays."""
    assert gpio().min_pitch_ms == 80.0
    assert gpio(min_pitch_ms=30.0).min_pitch_ms == 30.0


def test_eye_says_how_close_parts_are_inspected() -> None:
    """Before the station has filled in what was left out, too."""
    section = GpioSection.model_validate({"driver": "gpio", "chip": "eye", "line": "17"})
    assert section.least_pitch_ms(100.0) == 80.0
    assert gpio(min_pitch_ms=30.0).least_pitch_ms(100.0) == 30.0


def test_eye_asks_for_its_line_as_it_is_described() -> None:
    """The kernel debounces, where it shall."""
    order = gpio(active_low=True, bias="pull-up", debounce_ms=1.5, buffer_edges=128).order
    wanted = Wanted("17", active_low=True, bias="pull-up", debounce_us=1500)
    assert (order.chip, order.lines, order.buffer_edges) == ("eye", (wanted,), 128)


def test_encoder_asks_for_the_eye_and_then_its_channels() -> None:
    """The channels are not debounced: their edges are close together."""
    order = encoder(debounce_ms=1.0).order
    assert [(each.name, each.debounce_us) for each in order.lines] == [
        ("17", 1000), ("22", 0), ("23", 0),
    ]  # fmt: skip
    assert order.buffer_edges == 1024


def test_encoder_knows_a_part_by_half_of_the_pitch() -> None:
    """Unless the file says otherwise."""
    assert encoder().same_part_mm == 10.0
    assert encoder(same_part_mm=3.0).same_part_mm == 3.0


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"chip": ""}, "chip"),
        ({"line": "a b"}, "line"),
        ({"bounce_ms": -1.0}, "bounce_ms"),
        ({"debounce_ms": 101.0}, "debounce_ms"),
        ({"buffer_edges": 2000}, "buffer_edges"),
        ({"consumer": "c" * 32}, "consumer"),
    ],
)
def test_eye_refuses_what_no_chip_does(keys: dict[str, Any], said: str) -> None:
    """Bounds stand in the section."""
    with pytest.raises(ValidationError, match=said):
        gpio(**keys)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"speed_max_mm_s": 1001.0}, r"at most 2000 edges a second, got 2002 .*P110-P111"),
        ({"speed_min_mm_s": 250.0}, r"less than speed_max_mm_s \(250 mm/s\), got 250 mm/s"),
        ({"line_b": "22"}, "three lines for line, line_a and line_b, got 17, 22, 22"),
        ({"mm_per_edge": 0.0}, "mm_per_edge"),
    ],
)
def test_encoder_refuses_what_it_cannot_follow(keys: dict[str, Any], said: str) -> None:
    """And says what can."""
    with pytest.raises(ValidationError, match=said):
        encoder(**keys)


def test_eye_whose_bounces_hide_the_next_part_is_refused() -> None:
    """Debouncing takes its time as well, and the kernel up to two ticks more."""
    assert gpio(bounce_ms=79.0).problem(200.0, 100.0) == ""
    assert "expected less than 80 ms together with debounce_ms, got 80 ms" in gpio(
        bounce_ms=80.0
    ).problem(200.0, 100.0)
    assert gpio(bounce_ms=50.0, debounce_ms=9.0).problem(200.0, 100.0) == ""
    assert "with debounce_ms and the kernel's 20 ms, got 80 ms" in gpio(
        bounce_ms=50.0, debounce_ms=10.0
    ).problem(200.0, 100.0)


def test_eye_whose_debouncing_leaves_no_time_for_a_frame_is_refused() -> None:
    """Every part would be rejected, for a frame that came too late."""
    assert gpio(debounce_ms=1.0).problem(42.1, 100.0) == ""
    assert (
        "trigger.debounce_ms: expected less than 21 ms together with the kernel's 20 ms, got 21 ms"
        in gpio(debounce_ms=1.0).problem(42.0, 100.0)
    )
    assert gpio().problem(5.0, 100.0) == ""


def test_encoder_whose_edges_the_kernel_cannot_keep_is_refused() -> None:
    """While a part is judged nobody reads them."""
    fast = encoder(speed_max_mm_s=1000.0)
    assert fast.problem(512.0, 100.0) == ""
    assert "expected at least 1040 (budget_ms at 2000 edges a second), got 1024" in fast.problem(
        520.0, 100.0
    )
    assert "bounce_ms" in encoder(bounce_ms=90.0).problem(200.0, 100.0)


def test_eye_needs_the_chips_and_the_group_that_owns_them() -> None:
    """All of them, as an expander comes back under another number."""
    assert gpio().devices == (("char-gpiochip", "rw"),)
    assert gpio().owned == ((Path("/dev/gpiochip0"), "gpio"),)
    assert gpio(chip="/dev/gpiochip3").owned == ((Path("/dev/gpiochip3"), "gpio"),)
    assert gpio().holds_device


def test_eye_says_in_words_what_was_left_out() -> None:
    """For whoever checks a station file."""
    assert gpio(active_low=True).in_words() == (
        "rising edge, active low; a part every 80 ms at most, bounces of 2 ms, debounced for 0 ms"
    )
    assert "belt 0 to 250 mm/s, 500 edges a second at most" in encoder().in_words()


def test_station_file_that_its_trigger_cannot_follow_is_refused(tmp_path: Path) -> None:
    """At its own key, with the budget and the pitch of the station."""
    keys = {"chip": "eye", "line": "17", "line_a": "22", "line_b": "23"}
    fast = keys | {"driver": "encoder", "mm_per_edge": 0.5, "speed_max_mm_s": 1000.0}
    small_station(tmp_path, trigger=fast, budget_ms=500.0)
    with pytest.raises(ValidationError, match=r"trigger\.buffer_edges: expected at least 1200"):
        small_station(tmp_path, trigger=fast, budget_ms=600.0)
