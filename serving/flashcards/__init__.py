"""A learner's own cards."""
