"""What is told of a station, in lines for people and as JSON."""
