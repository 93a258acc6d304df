"""Moodle's logs, the report's CSV and a dump of `logstore_standard_log`, read into one kind of row."""
