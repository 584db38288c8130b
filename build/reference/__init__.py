"""The training tool's own scores, and whether the model as it is built here scores the same."""
