"""What a course holds."""
