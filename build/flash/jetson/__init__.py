"""A Jetson: NVIDIA's own tool writes it, from a BSP folder that somebody names."""
