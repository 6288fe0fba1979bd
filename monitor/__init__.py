"""The service: polls what authorities publish, finds exactly what changed, and tells the right people."""

__version__ = "0.1.0"
