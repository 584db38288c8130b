"""Parse a Structured Text file with blark (GPL, hence a program of its own): 0 if it is sound.

Through the library, because blark's own command line says 0 whatever it finds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from blark.parse import parse_source_code


def main() -> int:
    """1 with blark's own words where the text is not sound."""
    path = Path(sys.argv[1])
    try:
        found = parse_source_code(path.read_text(encoding="utf-8"), fn=path)
    except Exception as error:  # noqa: BLE001 - whatever the parser raises
        print(error)  # noqa: T201 - for the test
        return 1
    if found.exception is not None:
        print(found.exception)  # noqa: T201 - as above
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
