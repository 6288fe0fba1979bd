"""One polite HTTP attempt."""
