"""Pieces that several pages share: words for numbers, the frame of a page, charts. No page, no call to the API."""
