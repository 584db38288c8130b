"""Basler's cameras, by Basler's own library."""
