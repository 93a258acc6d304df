"""Recorded answers of Moodle's web services, read into the records a backup is read into. Nothing is asked here."""
