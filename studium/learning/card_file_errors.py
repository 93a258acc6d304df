"""What is wrong with a file of cards that somebody handed in."""


class CardFileError(ValueError):
    """The file cannot be taken; the sentence says why, for the person who brought it."""
