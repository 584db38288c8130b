"""The drawn parts of the simulated cameras."""
