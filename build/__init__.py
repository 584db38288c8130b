"""Makes engines on the box: teach from good parts, quantize, prepare a station."""
