"""Cameras that speak GigE Vision or USB3 Vision, by the library Aravis."""
