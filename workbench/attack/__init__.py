"""Attacks: a workload in; how often an attack succeeds, and its clean twin, backend by backend, out."""
