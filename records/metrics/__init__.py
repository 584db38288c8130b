"""Figures of a station for others to watch, and the conditions that somebody should hear of."""
