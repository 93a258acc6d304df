"""Questions: their formats, where they come from, and the bank teachers keep them in."""
