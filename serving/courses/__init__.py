"""The courses one is in."""
