"""Personal data in texts: finding it, hiding it, and how confidential it makes them."""
