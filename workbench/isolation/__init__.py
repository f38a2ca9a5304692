"""Isolation: a workload in; what each framework lets through between tenants, layout by layout, out."""
