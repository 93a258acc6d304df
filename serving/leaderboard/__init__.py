"""Comparison, by choice."""
