"""Checks: what must hold across systems, by what they look at."""
