"""Sending what was promised, and recording that it arrived."""
