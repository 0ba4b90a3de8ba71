"""What can be seen: by the probe inside, and by the suite outside."""
