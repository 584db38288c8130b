"""Patch banks: small pieces of good parts that go with an engine, to be shown beside bad ones."""
