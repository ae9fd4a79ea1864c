"""What the log of the cases says was achieved, counted."""
