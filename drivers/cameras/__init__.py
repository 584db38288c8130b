"""Cameras: one file each, the contract in camera.py."""
