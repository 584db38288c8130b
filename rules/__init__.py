"""Deterministic checks in physical units: dimension, colour, presence."""
