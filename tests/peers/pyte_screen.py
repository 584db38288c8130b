"""Reads what a terminal was sent from standard input; prints the 24 rows that pyte shows then.

Runs in an environment of its own (tests/peers/install.sh): pyte is LGPL.
"""

import sys

import pyte

screen = pyte.Screen(80, 24)
pyte.ByteStream(screen).feed(sys.stdin.buffer.read())
sys.stdout.write("\n".join(row.rstrip() for row in screen.display))
