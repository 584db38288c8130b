"""Cameras of any maker, by a GenTL producer of theirs."""
