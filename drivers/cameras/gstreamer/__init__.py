"""Cameras that a pipeline of GStreamer reads, as CSI cameras of a Jetson."""
