"""Saved experiments come in, what their figures prove about each other goes out. Calls no model."""
