"""HTML for a browser that has no session yet."""
