"""Personal data in texts: finding it."""
