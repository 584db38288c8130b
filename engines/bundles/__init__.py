"""Bundles: one signed file an engine."""
