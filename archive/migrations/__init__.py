"""Schema changes of log and vault, oldest first."""
