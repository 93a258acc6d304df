"""The typed records every reader gives: one class a table of `raw`."""
