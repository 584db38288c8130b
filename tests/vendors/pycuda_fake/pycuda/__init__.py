"""A stand-in for pycuda, on the simulated GPU."""

VERSION = (2026, 1)
