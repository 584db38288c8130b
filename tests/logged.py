"""What the processes of a station have written into their log, as `process: text` lines."""

from gonogo.base.log.entry import from_line


def told(written: str) -> list[str]:
    """Of the lines that are messages, in their order."""
    entries = (from_line(line.encode()) for line in written.splitlines())
    return [f"{entry['process']}: {entry['text']}" for entry in entries if entry is not None]
