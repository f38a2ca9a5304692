"""Planted values are looked for in whatever left their documents: matched against truth, no detector is the judge."""
