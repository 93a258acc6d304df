"""The plan to an exam, and how one's memory was fitted."""
