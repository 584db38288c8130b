"""The formats of a camera, against the names and codes of the standards."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from gonogo.base.frame_shape import FrameShape
from gonogo.drivers.cameras.formats import SOURCES, Source
from gonogo.drivers.cameras.machine_section import Format
from gonogo.tests.drivers.cameras.genicam.producer import needs_producer

ALL = [source for sources in SOURCES.values() for source in sources]


def test_section_names_every_format_and_no_other() -> None:
    """What a station file may say is what can be converted, each under one code."""
    assert [source.name for source in ALL] == list(get_args(Format))
    assert len({source.code for source in ALL}) == len(ALL)


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)
def test_format_agrees_with_its_name(source: Source) -> None:
    """PFNC: the code's middle byte is the bits of a pixel, its first one of how many components."""
    kind, bits, packing = re.fullmatch(r"(\D+)(\d+)(p|Packed)?", source.name).groups()  # type: ignore[union-attr]
    assert source.bits == int(bits)
    # GigE Vision packs 10 bits into 12
    packed = {"p": source.bits, "Packed": 12}
    whole = 24 if kind in {"RGB", "BGR"} else -(-source.bits // 8) * 8
    assert source.pixel_bits == (packed[packing] if packing else whole)
    assert source.packed is bool(packing)
    assert source.code >> 24 == (2 if kind in {"RGB", "BGR"} else 1)
    assert (
        source.bayer == kind.removeprefix("Bayer") if kind.startswith("Bayer") else not source.bayer
    )


@needs_producer
def test_codes_are_those_of_another_library() -> None:
    """All of them, by the same names."""
    from harvesters.util.pfnc import dict_by_names  # noqa: PLC0415 - an extra

    assert {source.name: source.code for source in ALL} == {
        source.name: dict_by_names[source.name] for source in ALL
    }


def test_frame_of_whole_groups_takes_whole_bytes() -> None:
    """A frame is held against them: 4 pixels of 10 bits are 5 bytes, 2 of 12 are 3."""
    by_name = {source.name: source for source in ALL}
    groups = {"Mono8": 1, "Mono16": 1, "Mono10p": 4, "Mono12p": 2, "Mono10Packed": 2, "RGB8": 1}
    for name, group in groups.items():
        assert by_name[name].group == group
    shape = FrameShape(3, 8, 1)
    sizes = {
        "Mono8": 24,
        "Mono10": 48,
        "Mono10p": 30,
        "Mono12p": 36,
        "BayerRG12Packed": 36,
        "RGB8": 72,
    }
    for name, size in sizes.items():
        assert by_name[name].size_bytes(shape) == size
