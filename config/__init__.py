"""The station file: read, checked, and said where it is wrong."""
