"""The technician's console: a line editor and its commands, on a cable, a terminal or a socket."""
