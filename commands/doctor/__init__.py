"""`gonogo doctor`: what is wrong on this box, a line each; it changes and disturbs nothing."""
