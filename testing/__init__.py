"""What a driver of your own is held against: the conformance suites that ours pass (pytest)."""
