"""How one learner remembers: their reviews as a log, FSRS fitted to them, and whether the fit is worth having.

No database here: whoever calls brings the reviews and keeps what comes of them (`keeping` alone reads and writes).
"""
