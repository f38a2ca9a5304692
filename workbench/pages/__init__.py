"""Saved experiments and the planning library in, what a browser shows out. Streamlit is imported here only."""
