"""What a person is asked: which odd good parts to drop, what the oddest of the first parts are."""
