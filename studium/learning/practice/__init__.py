"""Practice: which question comes next, how an answer is judged, and what it says of who gave it."""
