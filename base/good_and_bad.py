"""Two folders of pictures, of good and of bad parts: what speaks against them, before any is read.

Used by whoever takes limits, rules or engines from both (PicturesUnfit says what is wrong).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gonogo.base.errors import CameraError, PicturesUnfit
from gonogo.base.picture_folder import content, find_pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gonogo.base.picture_folder import Found, LeftOut

GOOD, BAD = "--good", "--bad"
SHOWN = 10  # files by name in an error
GOOD_WORDS = ("good", "ok", "io")  # as folders of parts are called
BAD_WORDS = ("bad", "nok", "nio", "ng", "defect", "defects", "reject", "rejects")


def listed(option: str, folder: Path, most: int) -> Found:
    """The pictures of a folder, copies left out; PicturesUnfit where there is none."""
    try:
        if folder.is_dir():
            os.listdir(folder)  # noqa: PTH208 - a walk passes over what it may not read
        return find_pictures(folder, most, once=True)
    except CameraError as error:
        raise PicturesUnfit(f"{option}: {error.args[0]}") from error
    except OSError as error:
        raise PicturesUnfit(
            f"{option} {folder}: cannot be read: {error.strerror}; expected one that this user "
            "may read"
        ) from error


def too_few(
    option: str, folder: Path, count: int, least: int, left_out: Sequence[LeftOut]
) -> PicturesUnfit:
    """The error of a folder of which no more than `count` pictures can be used, and why."""
    why = "".join(f"\n  {each}" for each in left_out[:SHOWN])
    more = f"\n  and {len(left_out) - SHOWN} more" if len(left_out) > SHOWN else ""
    better = ", better 30" if option == GOOD else ""
    return PicturesUnfit(
        f"{option} {folder}: {count} pictures can be used, expected at least {least}{better}; "
        f"photograph more parts with the station's camera{why}{more}"
    )


def one_kind(good: Found) -> None:
    """Refuse a data set as a whole, whose folders say that some parts in it are bad."""
    below = {
        path.relative_to(good.folder).parts[0] for path in good.paths if path.parent != good.folder
    }
    others = sorted(name for name in below if name.lower() not in GOOD_WORDS)
    if others and len(below) > len(others):
        first = next(name for name in sorted(below) if name.lower() in GOOD_WORDS)
        raise PicturesUnfit(
            f"--good {good.folder}: holds the folders {', '.join(sorted(below))}, expected good "
            f"parts alone; give --good {good.folder / first} --bad {good.folder / others[0]}"
        )


def apart(good: Found, bad: Found | None, others: Sequence[Path] = ()) -> None:
    """No picture is good and bad; `others` are good ones that are not looked at."""
    if bad is None:
        return
    known = dict(zip(good.digests, good.paths, strict=True))
    known |= _of_sizes(others, {path.stat().st_size for path in bad.paths if path.is_file()})
    twice = [
        (known[digest], path)
        for digest, path in zip(bad.digests, bad.paths, strict=True)
        if digest in known
    ]
    if twice:
        one, other = twice[0]
        raise PicturesUnfit(
            f"{len(twice)} pictures are both in --good and in --bad, the first: {one} and {other}; "
            "expected each part in one of them: take it out of the wrong one"
        )


def _of_sizes(paths: Sequence[Path], sizes: set[int]) -> dict[str, Path]:
    """Those of the same length alone are read: there may be ten thousand."""
    return {
        content(path): path for path in paths if path.is_file() and path.stat().st_size in sizes
    }


def named_otherwise(good: Path, bad: Path | None) -> str:
    """A sentence where the folders' own names say the reverse; else ""."""
    wrong = good.resolve().name.lower() in BAD_WORDS
    wrong |= bad is not None and bad.resolve().name.lower() in GOOD_WORDS
    return f"--good is {good} and --bad is {bad}: are they exchanged?" if wrong else ""
