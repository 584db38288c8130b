"""Children that crash, hang, flood or are not there; files that cannot be read."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from gonogo.commands.board.box import ENOUGH, Box, run_child

LONG_S = 60.0


def python(code: str) -> list[str]:
    """A child of this Python."""
    return [sys.executable, "-I", "-c", code]


def test_child_that_ends_is_told_with_both_outputs() -> None:
    """And its exit status."""
    ran = run_child(
        python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"), LONG_S
    )
    assert (ran.status, ran.out, ran.err, ran.why) == (3, "out\n", "err\n", "")
    assert ran.ended_by == ""


def test_child_that_crashes_is_told_by_its_signal() -> None:
    """As a vendor's library does without its driver."""
    ran = run_child(python("import os; os.kill(os.getpid(), 11)"), LONG_S)
    assert ran.status == -11
    assert ran.ended_by == "SIGSEGV"


def test_child_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    """Also a grandchild that holds the output open."""
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\n"
        "print('started', flush=True)\n"
        "time.sleep(600)\n"
    )
    ran = run_child(python(code), 3.0)
    assert ran.status is None
    assert ran.why == "did not end within 3 s"
    # a loaded box may not have come so far: then there is no grandchild either
    if note.exists() and note.read_text():
        assert gone(int(note.read_text()))


def gone(pid: int) -> bool:
    """Whether a process ends; a zombie whom init has not reaped yet has ended."""
    end_s = time.monotonic() + LONG_S
    while time.monotonic() < end_s:
        try:
            with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - read once
                if file.read().rpartition(")")[2].split()[0] in {"Z", "X"}:
                    return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_child_that_is_not_there_is_told_by_its_name() -> None:
    """No exception, no shell."""
    ran = run_child(["gonogo-no-such-program", "-x"], LONG_S)
    assert (ran.status, ran.out) == (None, "")
    assert ran.why == "gonogo-no-such-program: No such file or directory"


def test_child_that_floods_is_cut() -> None:
    """Its answer is never longer than what is read of it."""
    ran = run_child(python("print('x' * 1_000_000)"), LONG_S)
    assert ran.status == 0
    assert len(ran.out) == ENOUGH


def test_file_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    """Absent, a folder, a FIFO whose writer never comes, or one that answers with an error."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "error").symlink_to("/proc/self/mem")
    box = Box(root=tmp_path)
    assert [box.text(name) for name in ("absent", "folder", "error")] == [None, None, None]
    assert not box.text("fifo")
    assert box.names("absent") == []
    assert box.there("folder")


def test_environment_is_never_the_system_itself() -> None:
    """A command that makes an environment of it must not be printed for /usr."""
    code = "from gonogo.commands.board.box import Box; print(Box().environment)"
    path = Path(__file__).parents[3] / ".dev"
    base = Path(sys.base_prefix) / "bin" / "python3"
    site = next(each for each in sys.path if each.endswith("site-packages"))
    run = f"import sys; sys.path[:0] = [{str(path)!r}, {site!r}]; {code}"
    ran = run_child([str(base), "-I", "-c", run], LONG_S)
    assert ran.out == ".venv\n", ran
