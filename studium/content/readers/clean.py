"""Text as it is kept: one Unicode form, no control characters, single blanks; line breaks stay."""

import re
import unicodedata

_REMOVED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069"  # they reorder what is shown: nothing of a document may disguise a citation
    "\ud800-\udfff]"
)
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_MANY_BREAKS = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """`text` as it is kept and hashed; cleaning twice changes nothing. Linear in its length, whatever it holds."""
    text = _REMOVED.sub("", _BREAKS.sub("\n", text))
    text = _AROUND_BREAK.sub("\n", _BLANKS.sub(" ", unicodedata.normalize("NFC", text)))
    return _MANY_BREAKS.sub("\n\n", text).strip()


def clean_line(text: str) -> str:
    """`text` on one line."""
    return " ".join(clean(text).split())
