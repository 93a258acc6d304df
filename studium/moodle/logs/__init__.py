"""Moodle's logs in one kind of row: the report's CSV, a dump of `logstore_standard_log`, and that table itself."""
