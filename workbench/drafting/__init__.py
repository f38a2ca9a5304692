"""Questions with gold, drafted from a workload's own documents by a model and reviewed by a person in a CSV file."""
