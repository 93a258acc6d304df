"""Dagster wiring: what runs when, on what, checked how."""
