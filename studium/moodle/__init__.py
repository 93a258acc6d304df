"""Moodle, read: one set of typed records, several readers. Nothing here decides what a learner may see."""
