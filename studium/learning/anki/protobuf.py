"""As much of the protobuf wire format as newer packages need: the fields of a message, by number.

https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

from studium.learning.card_file_errors import CardFileError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10
DAMAGED = "The file is damaged: a part of it cannot be read."


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Each field's number and value, in order; numbers as they are on the wire, unsigned."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == BYTES:
            size, at = _varint(message, at)
        elif kind in FIXED:
            size = FIXED[kind]
        else:
            raise CardFileError(DAMAGED)
        if at + size > len(message):
            raise CardFileError(DAMAGED)
        yield key >> 3, message[at : at + size]
        at += size


def text(message: bytes, number: int) -> str:
    """The last text under `number`; empty when there is none."""
    found = [value for key, value in fields(message) if key == number and isinstance(value, bytes)]
    return found[-1].decode("utf-8", "replace") if found else ""


def number(message: bytes, wanted: int) -> int:
    """The last number under `wanted`; 0 when there is none."""
    found = [value for key, value in fields(message) if key == wanted and isinstance(value, int)]
    return found[-1] if found else 0


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(LONGEST_VARINT):
        if at + place >= len(message):
            break
        byte = message[at + place]
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says there is more
            return value, at + place + 1
    raise CardFileError(DAMAGED)
