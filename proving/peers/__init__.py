"""Small Modbus peers over bare sockets, for benchmarks and tests."""
