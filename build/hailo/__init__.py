"""From an engine to a HEF and back: what Hailo's compiler is given, and what comes of it."""
