"""Dagster assets: shells around studium."""
