"""What `gonogo teach` is made of: eyes, a bank of good patches, a map, a score."""
