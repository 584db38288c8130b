"""The line that is typed, and the row of a terminal that shows it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonogo.console.serial.editor import KEPT, Editor, Prompt, Typed
from gonogo.console.serial.keys import Key, Keys
from gonogo.console.serial.row import COLUMNS
from gonogo.tests.console.serial.terminal import Terminal

ASKED = Prompt("gonogo> ", command=True)
WORDS = ("parts", "part", "log", "logout")


def words(before: str) -> list[str]:
    """Those that begin as the last one does."""
    return [each for each in WORDS if each.startswith(before.rpartition(" ")[2])]


class Desk:
    """An editor before a terminal."""

    def __init__(self, prompt: Prompt = ASKED) -> None:
        self.editor, self.keys, self.terminal = Editor(words), Keys(), Terminal()
        self.editor.ask(prompt)
        self.show()

    def type(self, data: bytes) -> list[Typed]:
        """Each key, its bytes shown, and what came of it."""
        found = []
        for key in self.keys.feed(data):
            typed = self.editor.press(key)
            if typed is not None:
                found.append(typed)
                # as whoever reads lines does: `?` and TAB go on with the line
                if typed.key in (Key.ENTER, Key.CANCEL, Key.LEAVE):
                    self.editor.ask(self.editor.prompt)
            self.show()
        return found

    def show(self) -> int:
        """Send what there is; how many bytes."""
        sent = bytes(self.editor.out)
        self.editor.out.clear()
        self.terminal.feed(sent)
        return len(sent)


NAMED_KEYS = (
    b"\x08", b"\x7f", b"\x1b[A", b"\x1bOB", b"\x1b[C", b"\x1b[D", b"\x1b[D", b"\x1b[H", b"\x1b[F",
    b"\x1b[3~", b"\x01", b"\x05", b"\x15", b"\x17", b"\x0b", b"\x03", b"\x04", b"\x0c", b"\t",
    b"\r", b"a", b"pa", b" ", b"lo", b"?", b"\xff", b"\x1b",
)  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(NAMED_KEYS), st.binary(max_size=3)), max_size=60))
def test_editor_the_row_shows_the_line_after_every_key(sent: list[bytes]) -> None:
    """Text and cursor of the terminal are those of the line, whatever was typed."""
    desk = Desk()
    for data in sent:
        desk.type(data)
        row = desk.editor.row
        assert desk.terminal.row == (ASKED.said + row.text).rstrip()
        assert desk.terminal.x == len(ASKED.said) + row.cursor
        assert desk.terminal.inserts == (row.cursor < len(row.text))


@given(st.binary(max_size=300))
def test_editor_a_printable_key_costs_three_bytes_at_most(data: bytes) -> None:
    """Also in the middle of a line, and where it is full: at 9600 baud a key is seen at once."""
    desk = Desk()
    for key in desk.keys.feed(data):
        typed = desk.editor.press(key)
        if isinstance(key, str):
            assert desk.show() <= 3
        elif typed is not None:
            desk.editor.ask(ASKED)
        desk.show()


@given(st.binary(max_size=400))
def test_editor_a_line_stays_on_its_row(data: bytes) -> None:
    """A megabyte without an end is no longer than what is shown of it."""
    desk = Desk()
    desk.type(data.replace(b"\r", b"").replace(b"\n", b"") * 4)
    assert len(ASKED.said) + len(desk.editor.row.text) < COLUMNS


def test_editor_gives_the_line_as_it_was_edited() -> None:
    """Home, insert, erase, delete, kill."""
    assert Desk().type(b"art\x01p\x05 12x\x7f\r") == [Typed(Key.ENTER, "part 12")]
    assert Desk().type(b"why 1\x1b[D\x1b[3~7 8\x17\r") == [Typed(Key.ENTER, "why 7 ")]
    assert Desk().type(b"nonsense\x15status\x1b[D\x1b[D\x0b\r") == [Typed(Key.ENTER, "stat")]


def test_editor_history_comes_back_with_the_line_that_was_begun() -> None:
    """Up twice and down twice is where one was; a repeated line is there once."""
    desk = Desk()
    desk.type(b"status\rparts\rparts\rlo")
    desk.type(b"\x1b[A")
    assert desk.terminal.row == "gonogo> parts"
    desk.type(b"\x1bOA")
    assert desk.terminal.row == "gonogo> status"
    desk.type(b"\x1b[A\x1b[B\x1b[B")
    assert desk.terminal.row == "gonogo> lo"


def test_editor_history_is_bounded() -> None:
    """The oldest of more than that is gone."""
    desk = Desk()
    for number in range(KEPT + 1):
        desk.type(b"part %d\r" % number)
    desk.type(b"\x1b[A" * (KEPT + 5))
    assert desk.editor.row.text == "part 1"


def test_editor_secret_is_neither_shown_nor_kept() -> None:
    """Not a byte of it goes out, and no arrow brings it back, also into the next command."""
    desk = Desk(Prompt("PIN: ", echo=False))
    for letter in b"48213":
        desk.editor.press(chr(letter))
        assert desk.show() == 0
    assert desk.type(b"\x7f7\r") == [Typed(Key.ENTER, "48217")]
    desk.editor.ask(ASKED)
    desk.type(b"\x1b[A")
    assert desk.editor.row.text == ""


def test_editor_tab_completes_and_twice_lists() -> None:
    """As much as is certain at once; what there is, the second time."""
    desk = Desk()
    assert desk.type(b"pa\t") == []
    assert desk.editor.row.text == "part"
    assert desk.type(b"\t\t") == [Typed(Key.TAB, "part")]
    desk.type(b"s\t")
    assert desk.editor.row.text == "parts "


def test_editor_question_mark_asks_anywhere_and_types_nothing() -> None:
    """Of what stands before the cursor; in an answer it is a letter."""
    assert Desk().type(b"part ?") == [Typed("?", "part ")]
    assert Desk(Prompt("why: ")).type(b"who?\r") == [Typed(Key.ENTER, "who?")]


def test_editor_leaves_on_an_empty_line_alone() -> None:
    """Ctrl-D within a line may be a slip, Ctrl-C gives a line up."""
    desk = Desk()
    assert desk.type(b"x\x04") == []
    assert desk.type(b"\x03\x04") == [Typed(Key.CANCEL), Typed(Key.LEAVE)]


def test_editor_lines_above_leave_the_line_as_it_was() -> None:
    """What is typed, and where, is the same below them."""
    desk = Desk()
    desk.type(b"part 12\x1b[D")
    desk.editor.above(["10:02 line: a part was rejected"])
    desk.show()
    assert desk.terminal.screen[:2] == ["10:02 line: a part was rejected", "gonogo> part 12"]
    desk.type(b"3")
    assert desk.terminal.row == "gonogo> part 132"
