"""Answers to a learner's questions. Without a model the tutor quotes, or says that the course does not answer."""
