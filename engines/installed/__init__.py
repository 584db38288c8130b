"""The engines installed on a box."""
