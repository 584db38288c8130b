"""The table before a Jetson is written: as that of a disk, with what its board and BSP are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from gonogo.base.errors import FlashRefused, FlashToolMissing, TargetUnfit
from gonogo.build.flash import tools
from gonogo.build.flash.disk import MIB
from gonogo.build.flash.jetson import boards, payload
from gonogo.build.flash.jetson import bsp as bsps
from gonogo.build.flash.lock import claim
from gonogo.build.flash.power import power
from gonogo.build.flash.preflight import Table, how_proven, line_says, signed
from gonogo.build.programs import bring, where

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from gonogo.build.flash.image import Image
    from gonogo.build.flash.jetson.boards import Board
    from gonogo.build.flash.jetson.bsp import Bsp
    from gonogo.build.flash.jetson.payload import Payload
    from gonogo.build.flash.means import Means
    from gonogo.build.flash.options import Asked
    from gonogo.build.flash.report import Report

_FOR_PAYLOAD = (*tools.FOR_IMAGE, "tar")


class Seen(NamedTuple):
    """What the table found; None of each that was refused, or not asked for."""

    image: Image | None = None
    payload: Payload | None = None
    bsp: Bsp | None = None
    board: Board | None = None


class Place(NamedTuple):
    """Where things are unpacked, and what closes and unlocks at the end of the flash."""

    scratch: Path
    stack: ExitStack


def look(asked: Asked, means: Means, report: Report, place: Place) -> tuple[Seen, Table]:
    """Every line, whatever the others say."""
    lines = Table(report)
    lines.look("rights", lambda: (None, _rights(means)))
    lines.look("tools", lambda: (None, _tools()))
    image, held = _look_at_image(asked, lines, place)
    bsp = lines.look("bsp", lambda: _bsp(asked))
    if bsp is not None:
        lines.look("lock", lambda: (None, _locked(bsp, place.stack)))
        lines.look("room", lambda: (None, bsp.check_room()))
    board = lines.look("board", lambda: _board(asked, means, bsp))
    if bsp is not None and held is not None:
        lines.look("payload", lambda: (None, payload.check_place(held, bsp)))
    if asked.image is not None:
        lines.look("data", lambda: (None, _erased(asked)))
    lines.look("power", lambda: (None, power(means.supplies)))
    if asked.station is not None:
        lines.look("line", lambda: (None, line_says(asked, means)))
    lines.look("health", lambda: (None, how_proven(asked)))
    return Seen(image, held, bsp, board), lines


def _rights(means: Means) -> str:
    if means.euid() != 0:
        raise FlashRefused("NVIDIA's tool runs as root alone; do the same with sudo")
    return "root, as NVIDIA's tool wants it"


def _tools() -> str:
    tools.check(_FOR_PAYLOAD)
    missing = [tool for tool in bsps.TOOLS if where(tool) is None]
    if missing:
        raise FlashToolMissing(
            f"not installed, and NVIDIA's tool calls them: {', '.join(missing)} "
            f"({bring(missing)}; or sudo tools/l4t_flash_prerequisites.sh in the BSP)"
        )
    return f"rauc {tools.version('rauc')}, and what NVIDIA's tool calls"


def _look_at_image(asked: Asked, lines: Table, place: Place) -> tuple[Image | None, Payload | None]:
    path = asked.image
    if path is None:
        return None, None
    image = lines.look("signature", lambda: signed(path, asked.keyring, place.scratch))
    if image is None:
        return None, None
    fits = lines.look("compatible", lambda: (image, payload.for_jetson(image)))
    if fits is None:
        return image, None
    return image, lines.look("image", lambda: _unpacked(image, asked.keyring, place))


def _unpacked(image: Image, keyring: Path, place: Place) -> tuple[Payload, str]:
    found = payload.unpacked(image, keyring, place.scratch)
    place.stack.callback(found.close)
    return found, (
        f"{image.size_bytes / MIB:.1f} MiB, every byte of it checked; the program in it is "
        f"{found.version}"
    )


def _bsp(asked: Asked) -> tuple[Bsp, str]:
    if asked.bsp is None:
        raise FlashRefused("expected --bsp FOLDER")  # which the options have said by then
    found = bsps.bsp_of(asked.bsp)
    return found, f"{found.folder}: Jetson Linux {found.release}, its root file system is filled"


def _locked(bsp: Bsp, stack: ExitStack) -> str:
    fd = os.open(bsp.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    stack.callback(os.close, fd)
    claim(fd, bsp.folder, writes=True)
    return "held: no second flash from this BSP"


def _board(asked: Asked, means: Means, bsp: Bsp | None) -> tuple[Board, str]:
    found = boards.only_one(boards.in_recovery(means.usb))
    target = found.target(asked.board)
    if bsp is not None:
        bsp.check_board(str(target.path))
    return found, (
        f"{found.says}, at USB {found.port}, as {target.path}; its last four: {target.last_four}"
    )


def _erased(asked: Asked) -> str:
    if not asked.factory:
        raise TargetUnfit(
            "a board in recovery mode cannot be asked what it holds, and its NVMe SSD and boot "
            "firmware are written whole; say --factory if all that is on them may go"
        )
    return "ALL of its NVMe SSD and its boot firmware: records, engines and keys go"
