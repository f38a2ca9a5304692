"""A grid of recipes comes in; which is best, shown on questions it was not picked on, goes out.

Every candidate is measured as a run of its own, in a folder that every other tool opens. What candidates have in common
is done once: one gateway holds the vectors of a chunking for all, and one worker their indexes.
"""
