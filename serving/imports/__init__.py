"""Backups, logs and files of a course."""
