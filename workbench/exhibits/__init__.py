"""Reports as plain values in; figure, table, one sentence and source, for app, notebook and report, out."""
