"""What every PLC transport promises: inherit `TransportContract`, and bring a PLC.

    from gonogo.testing.transports import TransportContract

    class TestMyBus(TransportContract):
        @pytest.fixture
        def section(self, my_plc):
            return MySection(driver="my-bus", ...)

        @pytest.fixture
        def plc(self, my_plc):
            return MyPlc(my_plc)                # words() and say(words), as `Plc` below

Transports are made through the catalogue, as the link makes them: install your package first.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

import pytest

from gonogo.base.errors import LinkError
from gonogo.plc.register_map import D_WORDS, HEADER_WORDS, OBJECTION_AT, P_WORDS
from gonogo.plc.transports.catalogue import TRANSPORTS, make_transport
from gonogo.plc.transports.transport import ALONE, ProcessImage
from gonogo.testing.sections import SectionContract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gonogo.plc.transports.section import TransportSection
    from gonogo.plc.transports.transport import Transport

    Answer = TypeVar("Answer")

FOREVER_S = 600.0
STEP_S = 0.01
BITS = (True, True, False, True, False, False, True)  # DI0-DI6


class Plc(Protocol):
    """The PLC at the other end, as its program sees it."""

    def words(self) -> list[int]:
        """D0-D95 as they stand in it, or as it reads them."""
        ...

    def say(self, words: list[int]) -> None:
        """Its program sets P100-P119."""
        ...


def served(transport: Transport, work: Callable[[], Answer]) -> Answer:
    """What a PLC finds that asks us: `work` in a thread, while the transport waits and answers."""
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    # a server of ours answers only while its thread waits, as in the link
    while thread.is_alive():
        transport.wait(STEP_S)
    return answers[0]


def image(base: int) -> ProcessImage:
    """An image in which every word is different."""
    return ProcessImage(tuple(range(base, base + D_WORDS)), BITS)


class TransportContract(SectionContract):
    """One transport, made from `section` for each test, and a PLC that speaks with it.

    A PLC that asks us (`we_serve`) is answered while the transport waits: see `served`. One test
    for each promise: what is wrong has a name.
    """

    catalogue: ClassVar = TRANSPORTS
    brings_words = True  # False: coils alone; what a PLC would hold and say is made up
    patience_s = 30.0  # a wait that is to end, and has not by then, hangs

    @pytest.fixture
    def section(self) -> TransportSection:
        """How the transport is made."""
        pytest.fail("give this class a fixture `section`: the [plc] of a station file")

    @pytest.fixture
    def wake_fd(self) -> Iterator[int]:
        """The link's descriptor that ends a wait."""
        wake_fd = os.eventfd(0, os.EFD_NONBLOCK)
        yield wake_fd
        os.close(wake_fd)

    @pytest.fixture
    def transport(self, section: TransportSection, wake_fd: int) -> Iterator[Transport]:
        """A transport that is not open yet."""
        # by its name, not by its class: so its entry is tried, too
        transport = make_transport(section, wake_fd)
        yield transport
        transport.close()

    @pytest.fixture
    def plc(self, transport: Transport) -> Plc:
        """The other end; of a server of ours, it is spoken with through the transport."""
        pytest.fail(f"give this class a fixture `plc` for {type(transport).__name__}")

    @pytest.fixture
    def take_away(self) -> Callable[[], object] | None:
        """Takes the PLC away; None: nobody notices, as of one that asks us."""
        return None

    @pytest.fixture
    def talks(self) -> None:
        """For the tests that speak of words."""
        if not self.brings_words:
            pytest.skip("this transport brings no words")

    def test_section_says_what_the_link_asks_for(self, section: TransportSection) -> None:
        """Where the PLC is, how often the link looks up, and what it costs a verdict."""
        assert section.place
        assert section.poll_ms >= 1
        assert section.scan_ms > 0
        assert section.delivery_ms >= section.poll_cycle_ms
        assert section.parts_per_s_max > 0

    def test_transport_needs_open(self, transport: Transport) -> None:
        """An exchange before open is a LinkError, and wait and close do no harm."""
        transport.close()
        transport.wait(0)
        with pytest.raises(LinkError, match=r"^GN4\d\d: .*open"):
            transport.exchange(image(0))

    @pytest.mark.usefixtures("talks")
    def test_transport_brings_the_image_whole(self, transport: Transport, plc: Plc) -> None:
        """Whatever changed from one exchange to the next, the PLC has all 96 words."""
        transport.open()
        for base in (100, 200):
            transport.exchange(image(base))
            assert plc.words() == list(image(base).words)

    @pytest.mark.usefixtures("talks")
    def test_transport_brings_one_word_that_changed(self, transport: Transport, plc: Plc) -> None:
        """Only what changed is written, and nothing that changed is left out."""
        transport.open()
        words = list(image(100).words)
        transport.exchange(ProcessImage(tuple(words), BITS))
        # both ends of the header and of the records, where a span is easily one short
        for at in (0, HEADER_WORDS - 1, HEADER_WORDS, D_WORDS // 2, D_WORDS - 1):
            words[at] += 1000
            transport.exchange(ProcessImage(tuple(words), BITS))
            assert plc.words() == words

    @pytest.mark.usefixtures("talks")
    def test_transport_looks_at_what_stands_in_the_plc(
        self, transport: Transport, plc: Plc, section: TransportSection
    ) -> None:
        """D0-D31 as written last, and the mark; nothing where they stand in memory of ours."""
        transport.open()
        transport.exchange(image(100))
        ours = transport.read_back(mark=7)
        if section.we_serve:
            assert ours == ALONE
            return
        expected = list(image(100).words[:HEADER_WORDS])
        expected[OBJECTION_AT] = 7
        assert ours is not None
        assert list(ours) == expected == plc.words()[:HEADER_WORDS]

    @pytest.mark.usefixtures("talks")
    def test_transport_writes_nothing_when_it_looks(self, transport: Transport, plc: Plc) -> None:
        """Without a mark the PLC has what it had."""
        transport.open()
        transport.exchange(image(100))
        transport.read_back()
        assert plc.words() == list(image(100).words)

    @pytest.mark.usefixtures("talks")
    def test_transport_fetches_what_the_plc_says(self, transport: Transport, plc: Plc) -> None:
        """P100-P119 arrive as the PLC wrote them."""
        transport.open()
        transport.exchange(image(0))
        said = list(range(500, 500 + P_WORDS))
        plc.say(said)
        assert list(transport.exchange(image(0)).words) == said

    def test_transport_times_never_leave_a_gap(self, transport: Transport) -> None:
        """Each exchange reaches back to before the one before had its answer."""
        transport.open()
        last = transport.exchange(image(0))
        assert len(last.words) == P_WORDS
        for _ in range(5):
            transport.wait(0.001)
            inputs = transport.exchange(image(0))
            assert last.since_ns <= inputs.since_ns <= last.at_ns < inputs.at_ns
            last = inputs

    def test_transport_wait_ends_when_woken(self, transport: Transport, wake_fd: int) -> None:
        """A verdict does not wait for the poll; the descriptor is left to the link to read."""
        os.eventfd_write(wake_fd, 1)
        self._open_and_wait(transport, FOREVER_S)
        # still there: the link reads it, to know what it was woken for
        assert os.eventfd_read(wake_fd) == 1

    def test_transport_wait_ends_by_itself(self, transport: Transport, wake_fd: int) -> None:
        """Without a wake the time given is enough."""
        self._open_and_wait(transport, 0.001)
        with pytest.raises(BlockingIOError):
            os.eventfd_read(wake_fd)

    @pytest.mark.usefixtures("talks")
    def test_transport_opens_again_after_close(self, transport: Transport, plc: Plc) -> None:
        """Close is idempotent, and a new connection starts from nothing."""
        for base in (1, 2):
            transport.open()
            transport.exchange(image(base))
            assert plc.words() == list(image(base).words)
            transport.close()
            transport.close()

    def test_transport_says_that_the_plc_is_gone(
        self, transport: Transport, take_away: Callable[[], object] | None
    ) -> None:
        """A LinkError with its number, in bounded time: then the link closes, and tries again."""
        if take_away is None:
            pytest.skip("a PLC that asks us is missed by its silence alone")
        transport.open()
        transport.exchange(image(1))
        take_away()
        with pytest.raises(LinkError, match=r"^GN4\d\d: "):
            transport.exchange(image(2))  # it fetches, too: a write alone may go into the kernel
        transport.close()

    def _open_and_wait(self, transport: Transport, timeout_s: float) -> None:
        """In a thread of its own, since a wait that hangs ends no test.

        All of it in that thread: a transport is opened, used and closed by the link's alone.
        """
        ended: list[bool] = []

        def link() -> None:
            transport.open()
            transport.wait(timeout_s)
            transport.close()
            ended.append(True)

        thread = threading.Thread(target=link, daemon=True)
        thread.start()
        thread.join(self.patience_s)
        assert not thread.is_alive(), f"wait({timeout_s}) has not returned"
        assert ended, "open, wait or close raised"
