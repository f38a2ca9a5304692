"""Stored records and the gold come in, scores go out. Calls no model, except behind the door `judge`."""
