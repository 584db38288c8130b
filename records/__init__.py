"""Traceability: one row a part."""
