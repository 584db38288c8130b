"""The box: its root image, its flash image, and what decides in it whether an update stays."""
