"""Moodle's web services, asked over HTTP: the client, its errors, and what may be asked at all."""
