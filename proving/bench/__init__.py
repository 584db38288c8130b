"""The speed figures, as ratios: each value beside its control, measured in the same run."""
