"""What is asked in a course, and what its teachers make of it."""
