"""What a program of ours says of itself: events with fields, as lines."""
