"""What starts a part: one file each, the contract in trigger.py."""
