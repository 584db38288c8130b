"""Cameras of the kernel's own interface, V4L2: USB (UVC), CSI, frame grabbers."""
