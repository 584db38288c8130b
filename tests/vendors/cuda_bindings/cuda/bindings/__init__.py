"""A stand-in for NVIDIA's package, on the simulated GPU."""

__version__ = "12.9.0"
