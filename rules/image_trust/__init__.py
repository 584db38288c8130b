"""Whether a picture can be trusted: what is measured on it, and the limits that good ones draw."""
