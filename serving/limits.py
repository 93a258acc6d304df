"""How often one may ask: per person (or address, before anybody is known) and endpoint, in a moving minute.

Kept in this process's memory. Which endpoint has which limit is said here and nowhere else.
"""

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

EXPENSIVE, STANDARD, LIGHT = 10, 60, 600

PER_MINUTE = {
    "sign_in": EXPENSIVE,
    "change_password": EXPENSIVE,
    "link_moodle": EXPENSIVE,
    "accept_invitation": EXPENSIVE,
    "submit_invitation": EXPENSIVE,
    "ask": EXPENSIVE,
    "send_message": EXPENSIVE,
    "create_upload": EXPENSIVE,
    "create_import": EXPENSIVE,
    "import_cards": EXPENSIVE,
    "export_cards": EXPENSIVE,
    "create_calendar_feed": EXPENSIVE,
    "read_calendar": EXPENSIVE,
    "import_questions": EXPENSIVE,
    "export_questions": EXPENSIVE,
    "generate_flashcards": EXPENSIVE,
    "generate_questions": EXPENSIVE,
    "generate_bank_questions": EXPENSIVE,
    "sync_courses": EXPENSIVE,
    "chat_frame": LIGHT,
    # asked again and again while one waits, or for every file of a page
    "me": LIGHT,
    "read_upload": LIGHT,
    "read_import": LIGHT,
    "sync_status": LIGHT,
    "read_moodle_link": LIGHT,
    "read_document_content": LIGHT,
    "read_card_medium": LIGHT,
    # a card that is known is rated within a second or two
    "review_flashcard": LIGHT,
    "read_due": LIGHT,
}
"""Limits by operation; any other has `STANDARD`."""


class Limiter:
    """Counts requests and refuses what is too much."""

    def __init__(self, factor: int = 1) -> None:
        """Multiply every limit by `factor`: measurements and tests ask more often than people do."""
        self._factor = factor
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, operation: str, *who: str, per_minute: int | None = None) -> None:
        """Count one request of `who`; raises 429 with `Retry-After` when it is one too many."""
        most = per_minute or PER_MINUTE.get(operation, STANDARD)
        item = RateLimitItemPerMinute(most * self._factor)
        if self._windows.hit(item, operation, *who):
            return
        wait = max(1, math.ceil(self._windows.get_window_stats(item, operation, *who).reset_time - time.time()))
        raise HTTPException(
            429,
            f"That was more than {most} times in a minute. Please try again in {wait} seconds.",
            {"Retry-After": str(wait)},
        )
