"""The log of a flash: every line with its time, in a file that is named first and last.

By default not beside the image, whose stick is mounted read-only or full.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from gonogo.base.errors import FlashLogUnwritable

if TYPE_CHECKING:
    from typing import TextIO


class Log:
    """Lines of one flash. A disk that takes no more lines of it does not end the flash.

    `lost`: why lines are missing, empty where none is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = ""
        try:
            self._file: TextIO = path.open("a", encoding="utf-8")
        except OSError as error:
            raise FlashLogUnwritable(
                f"{path}: {error.strerror}; name another file by --log"
            ) from error

    def line(self, text: str) -> None:
        """Write it; what cannot be written is lost, and said at the end."""
        if self.lost:
            return
        now = datetime.now(timezone.utc)
        try:
            self._file.write(f"{now:%Y-%m-%d %H:%M:%S}Z {text}\n")
            self._file.flush()
        except OSError as error:
            self.lost = str(error.strerror)

    def close(self) -> None:
        """Idempotent."""
        try:
            self._file.close()
        except OSError as error:
            self.lost = self.lost or str(error.strerror)


def default_path(now: datetime) -> Path:
    """In the user's folder for such files; where that takes none, in the one for what may go."""
    home = Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local" / "state"))
    folder = home / "gonogo"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    name = f"flash-{now:%Y%m%d-%H%M%S}-{os.getpid()}.log"
    return (folder if writable else Path(tempfile.gettempdir())) / name
