"""Bytes to text in whatever encoding: a byte order mark, then what was declared, then UTF-8, then a guess."""

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What course files really come in. Rarer code pages would win on short texts by chance.
CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp874",
    "cp932", "euc_jp", "gb18030", "big5", "cp949", "utf_16_le", "utf_16_be",
]  # fmt: skip
# Web pages that say latin-1 mean cp1252; the five bytes it leaves open become replacement characters.
ALIASES = {"iso8859-1": "cp1252", "ascii": "utf-8", "shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030"}
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_MOSTLY, _HALF, _TWO_CHARACTERS = 0.02, 0.5, 4
TIE = 0.03


def decode(data: bytes, declared: str | None = None) -> str:
    """The text in `data`; `ValueError` when it holds none."""
    for mark, name in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, errors="replace")
    wide = _utf16_without_mark(data)
    for encoding in (wide, declared, "utf-8"):
        text = _try(data, encoding)
        if text is not None:
            return text
    return _guess(data)


def declared_charset(media_type: str | None, data: bytes = b"") -> str | None:
    """The encoding a media type or an HTML head names, if any."""
    named = re.search(r"charset=[\"']?([\w.:-]+)", media_type or "", re.IGNORECASE)
    if named:
        return named[1]
    meta = _META.search(data[:4096])
    return meta[1].decode("ascii") if meta else None


def _try(data: bytes, encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
        name = ALIASES.get(name, name)
        text = data.decode(name, errors="replace" if name == "cp1252" else "strict")
    except (LookupError, UnicodeError):
        return None
    # a page served as latin-1 is often UTF-8: a strict UTF-8 reading is no accident
    if name == "cp1252" and not data.isascii():
        return _try(data, "utf-8") or text
    return text


def _utf16_without_mark(data: bytes) -> str | None:
    """Every other byte of Western UTF-16 is zero; no other text looks like that."""
    head = data[: 2 * 2048]
    if len(head) < _TWO_CHARACTERS or len(data) % 2:
        return None
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > _HALF and even < _MOSTLY:
        return "utf-16-le"
    return "utf-16-be" if even > _HALF and odd < _MOSTLY else None


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(data[:200_000], cp_isolation=CANDIDATES, preemptive_behaviour=False))
    if not matches:
        raise ValueError("no encoding makes text of these bytes")
    # cp1252 and its neighbours read most Western texts equally well: among equals the commonest is meant
    best = matches[0]
    western = (m for m in matches if m.encoding == "cp1252")
    if any(m.chaos - best.chaos < TIE and best.coherence - m.coherence < TIE for m in western):
        return data.decode("cp1252", errors="replace")
    return data.decode(best.encoding, errors="replace")
