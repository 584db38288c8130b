"""A camera of a plant's own, as a package beside gonogo."""
