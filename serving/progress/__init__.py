"""A learner, in a course."""
