"""HTML this room serves itself, for browsers: what must work before there is a session, or without script."""
