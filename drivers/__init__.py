"""Cameras and triggers, each with its simulator beside it."""
