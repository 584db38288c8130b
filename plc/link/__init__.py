"""The link thread: it owns the transport and feeds the handshake."""
