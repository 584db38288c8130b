"""Breaks a running station on purpose, and lets the PLC simulator's journal judge it."""
