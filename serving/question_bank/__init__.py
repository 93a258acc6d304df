"""A course's question bank, and the making of questions."""
