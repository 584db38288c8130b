"""What a person is asked of: odd good parts to keep or drop, and the oddest of the first hundred."""
