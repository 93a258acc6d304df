"""Accounts, for programs."""
