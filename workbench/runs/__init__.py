"""Runs a workload over backends and keeps what happened as files. The only part that is slow, online or costs money."""
