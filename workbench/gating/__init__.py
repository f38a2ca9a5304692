"""A saved experiment and an accepted baseline come in, one verdict for CI goes out. Calls no model."""
