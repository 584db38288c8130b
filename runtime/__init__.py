"""The line: the cycle, its frames, parts, budget, station file and command line."""
