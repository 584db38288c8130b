"""Inference backends: one file each, loaded in the engine process only."""
