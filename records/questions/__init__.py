"""What the records of a station answer: read-only, over all its files, in the order of parts."""
