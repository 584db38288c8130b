"""A station onto a disk: preflight, the inactive slot, verify, switch, and what came of it."""
