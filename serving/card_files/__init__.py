"""Files of cards, in and out."""
