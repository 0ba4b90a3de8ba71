"""What a check's end means for the runtime."""
