"""The documentation of the warehouse."""
