"""What the API and its client say to each other: one model for both sides. No rule, no query, no transport."""
