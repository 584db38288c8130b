"""What each program reads: where a picture lies, and what lies beside the pictures."""
