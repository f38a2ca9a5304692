"""The embedded models: they run in this process, on the CPU, from files that are already on the disk."""
