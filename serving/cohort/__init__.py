"""A course, for those who teach it."""
