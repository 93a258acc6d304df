"""One's own link with the university's Moodle."""
