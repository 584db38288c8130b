"""Words of shared memory as attributes of a view: who may read one, and who may write it.

A view is a class with `words`, the 64-bit integers of a span of shared memory
(gonogo.base.shm). Each process has the view of its role: every word that it may read is a
`word` there, and one that it owns is made `owned`:

    class View:                                class Writer(View):
        count = word(_COUNT, "How many.")          count = owned(View.count, _COUNT)

The index is the layout: two versions that meet in one segment must agree on it.

A word that says that others are whole is a `stamp`: whoever reads it, and then those, finds what
was written before it. Its writer fences before it is stored (docs/memory-order.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Never

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class HasWords(Protocol):
    """A view of 64-bit integers."""

    words: memoryview[int]


class KeepsOrder(HasWords, Protocol):
    """One that has stamps: `fence` is that of its segment."""

    fence: Callable[[], None]


class Word(Protocol[T_co]):
    """A word that the view can read; setting it is an AttributeError."""

    @overload
    def __get__(self, view: None, owner: type, /) -> Word[T_co]: ...
    @overload
    def __get__(self, view: object, owner: type, /) -> T_co: ...
    def __set__(self, view: object, value: Never, /) -> None: ...  # no value is one of these


class OwnWord(Word[T], Protocol[T]):
    """A word that the view can write as well: one store, which no reader sees half done."""

    def __set__(self, view: object, value: T, /) -> None: ...


# Each of these makes a property, and no descriptor of our own: the line reads words between any
# two parts, and the interpreter calls a property faster than a `__get__` written in Python.
@overload
def word(index: int, doc: str) -> Word[int]: ...
@overload
def word(index: int, doc: str, means: Callable[[int], T]) -> Word[T]: ...
def word(index: int, doc: str, means: Callable[[int], Any] | None = None) -> Word[Any]:
    """The integer at `index`, or what it `means` (bool, an IntEnum); `doc` says what it is."""

    def read(view: HasWords) -> int:
        return view.words[index]

    def read_as(view: HasWords) -> object:
        return means(view.words[index]) if means is not None else None

    return cast("Word[Any]", property(read if means is None else read_as, doc=doc))


@overload
def stamp(index: int, doc: str) -> Word[int]: ...
@overload
def stamp(index: int, doc: str, means: Callable[[int], T]) -> Word[T]: ...
def stamp(index: int, doc: str, means: Callable[[int], Any] = int) -> Word[Any]:
    """As `word`: what is read after it is no older than it."""

    def read(view: KeepsOrder) -> object:
        value = view.words[index]
        view.fence()
        return means(value)

    return cast("Word[Any]", property(read, doc=doc))


def owned(shown: Word[T], index: int) -> OwnWord[T]:
    """A word that a view of readers shows, at the same `index`, for the one process that writes.

    An IntEnum and a bool are stored as the integers that they are.
    """

    def write(view: HasWords, value: int) -> None:
        view.words[index] = value

    return cast("OwnWord[T]", cast("property", shown).setter(write))
