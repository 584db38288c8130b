"""The loader's parts: an engine is loaded beside the one that judges, proven, and exchanged."""
