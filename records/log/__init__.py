"""The log that a station keeps of its messages: written, rotated, read and followed."""
