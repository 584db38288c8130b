"""Wires to a PLC: one file each, the contract in transport.py."""
