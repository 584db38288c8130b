"""What a view learns from good pictures: which frames to trust, and what it can tell at all."""
