"""A workload in, what is wrong with it out: whether its gold, its planted values and its log are what they say."""
