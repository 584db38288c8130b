"""`gonogo board`: what this box is, and what it lacks."""
