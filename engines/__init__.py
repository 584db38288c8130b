"""Inference: backends, the engine host process, and the line's side of it."""
