"""A course backup (.mbz), read into typed records."""
