"""Small peers over bare sockets, and a camera of others, for benchmarks, campaigns and tests."""
