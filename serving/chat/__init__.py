"""Conversations with the tutor, over HTTP, as a stream of events, and by socket."""
