"""What is remembered: tables, the two commits, the event log, the archive."""
