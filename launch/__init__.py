"""How a station is brought up: its processes as rows, its memory, its unit."""
