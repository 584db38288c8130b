"""Pictures of parts: copied out of the frame ring, kept as files, told of in the records."""
