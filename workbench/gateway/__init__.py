"""The one OpenAI-compatible endpoint that every model call of every backend passes: the measuring instrument."""
