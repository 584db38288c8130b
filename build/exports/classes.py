"""Which classes of a model are defects, and which one is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gonogo.base.errors import ClassesUnsaid, ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gonogo.build.exports.options import Options

GOOD_NAMES = {"good", "ok", "okay", "normal", "pass", "passed", "intact", "defect-free"}
NOTHING_NAMES = {"background", "__background__", "_background_", "bg", "none", "no object", "void"}
_SHOWN_MAX = 10


def shown(names: Mapping[int, str], count: int = 0) -> str:
    """For a message: at most ten of them."""
    if not names and count == 1:
        return "one class without a name"
    if not names:
        return f"0 .. {count - 1}, no names in the file" if count else "no names in the file"
    first = [
        # where nobody named them Ultralytics writes the numbers
        f"{place} {name}" if name != str(place) else name
        for place, name in list(names.items())[:_SHOWN_MAX]
    ]
    more = len(names) - len(first)
    return ", ".join(first) + (f" and {more} more" if more else "")


def place_of(option: str, asked: str, count: int, names: Mapping[int, str]) -> int:
    """The number of a class that was named with an option; `count` 0: any number will do."""
    for place, name in names.items():
        # a class that is called by the number of another one is meant by its name
        if asked == name:
            return place
    if asked.isdecimal() and len(asked) < _SHOWN_MAX:
        number = int(asked)
        # a number is taken unseen only where the file has no names to check it with
        if number in names or (not names and (number < count or not count)):
            return number
    raise ModelError(
        f"{option} {asked}: expected one of {shown(names, count)}; give the name or the number"
    )


def is_nothing(name: str) -> bool:
    """Whether a class of this name is neither a defect nor a good part."""
    return name.strip().lower() in NOTHING_NAMES


def is_good(name: str) -> bool:
    """Whether a class of this name means that a part is good."""
    return name.strip().lower() in GOOD_NAMES


def defect_classes(
    options: Options, count: int, names: Mapping[int, str], nothing: Sequence[int] = ()
) -> tuple[int, ...]:
    """Numbers of the classes that are defects, in order; of all, when `count` is 0, empty.

    `nothing`: numbers of planes or columns that stand for no object. ClassesUnsaid where a
    name means good and nobody said what that is to be.
    """
    everything = sorted(names) if names else list(range(count))
    if options.defect_classes:
        asked = options.defect_classes
        return tuple(sorted({place_of("--defect-class", one, count, names) for one in asked}))
    left_out = {*nothing, *(k for k, name in names.items() if is_nothing(name))}
    if options.good_class:
        left_out.add(place_of("--good-class", options.good_class, count, names))
    else:
        _ask_of_good(names)
    found = tuple(k for k in everything if k not in left_out)
    if not found and (everything or left_out):
        raise ClassesUnsaid(
            f"no class is left that could be a defect ({shown(names, count)}); name the defects: "
            "--defect-class NAME_OR_NUMBER, which may be given again"
        )
    # of all that there are, whatever their number: nothing has to be looked up for each part
    return found if left_out or names or count else ()


def _ask_of_good(names: Mapping[int, str]) -> None:
    """A class called `good` may be what the model looks for, or a part that is well."""
    good = [name for name in names.values() if is_good(name)]
    if good:
        raise ClassesUnsaid(
            f"the model looks for classes of which '{good[0]}' seems to be no defect "
            f"({shown(names)}); say which are defects: --defect-class NAME_OR_NUMBER, which may "
            f"be given again, or --good-class '{good[0]}' when all the others are"
        )


def told(defects: Sequence[int], names: Mapping[int, str], count: int) -> str:
    """For a note: which classes count."""
    if not defects:
        return "every class counts as a defect"
    chosen = {k: names[k] for k in defects if k in names}
    if len(defects) == max(count, len(names)):
        return f"every class counts as a defect: {shown(chosen, count)}"
    listed = shown(chosen) if chosen else ", ".join(map(str, defects[:_SHOWN_MAX]))
    return f"classes that count as defects: {listed}"
