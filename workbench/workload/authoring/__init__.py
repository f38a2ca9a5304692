"""Texts as people write them in, a workload's files out: places of quotes, planted values, users and a question log."""
