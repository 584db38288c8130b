"""What is shown on a terminal: tables, bars, lines."""
