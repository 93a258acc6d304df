"""Pictures of text, through tesseract where it is installed."""

import shutil
from functools import cache
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from studium.content.readers.clean import clean, clean_line
from studium.content.records import Element, Limits, Parsed, Reason, UnreadableError

Picture = Image.Image
LARGEST_SIDE = 5000
SECONDS_A_PAGE = 90
MOST_LANGUAGES = 4


def is_installed() -> bool:
    """Whether this machine can read pictures."""
    return shutil.which("tesseract") is not None


@cache
def _languages() -> str:
    import pytesseract

    known = [name for name in pytesseract.get_languages() if name not in {"osd", "snum", "equ"}]
    known.sort(key=lambda name: name != "eng")
    return "+".join(known[:MOST_LANGUAGES]) or "eng"


def elements(picture: Picture, page: int | None) -> list[Element]:
    """Paragraphs tesseract sees in `picture`."""
    import pytesseract

    try:
        text = pytesseract.image_to_string(picture, lang=_languages(), timeout=SECONDS_A_PAGE)
    except RuntimeError as error:  # how pytesseract says that the time is over
        raise UnreadableError(Reason.TIMEOUT, "Reading the text in the picture took too long.") from error
    paragraphs = (clean_line(paragraph.replace("-\n", "")) for paragraph in clean(text).split("\n\n"))
    return [Element("text", text, page=page) for text in paragraphs if sum(map(str.isalnum, text)) > 1]


def read(data: bytes, media_type: str, limits: Limits) -> Parsed:
    """An image file; each frame of a TIFF is a page."""
    Image.MAX_IMAGE_PIXELS = None  # the size is judged here, before anything is unpacked
    try:
        with Image.open(BytesIO(data)) as image:
            frames = _frames(image, media_type, limits)
            if not is_installed():
                message = "No text recognition (tesseract) is installed to read pictures."
                raise UnreadableError(Reason.NO_TEXT, message)
            found = []
            for index in range(frames):
                image.seek(index)
                _check_pixels(image, limits)
                found += elements(_prepared(image), index + 1 if frames > 1 else None)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise UnreadableError(Reason.BROKEN, "The picture is damaged or incomplete.") from error
    if not found:
        raise UnreadableError(Reason.NO_TEXT, "No text was found in the picture.")
    return Parsed(media_type, found, frames, "page" if frames > 1 else None)


def _frames(image: Image.Image, media_type: str, limits: Limits) -> int:
    _check_pixels(image, limits)
    frames = int(getattr(image, "n_frames", 1)) if media_type == "image/tiff" else 1
    if frames > limits.scanned_pages:
        message = f"The picture has {frames} pages; at most {limits.scanned_pages} are read at once."
        raise UnreadableError(Reason.TOO_MANY_PAGES, message)
    return frames


def _check_pixels(image: Image.Image, limits: Limits) -> None:
    if image.width * image.height > limits.pixels:
        message = f"The picture would unpack to {image.width:,} x {image.height:,} pixels."
        raise UnreadableError(Reason.BOMB, message)


def _prepared(image: Image.Image) -> Image.Image:
    """Upright, grey, on white, and no larger than letters need."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode in {"RGBA", "LA", "P", "PA"}:
        coloured = upright.convert("RGBA")
        ground = Image.new("RGBA", coloured.size, "white")
        upright = Image.alpha_composite(ground, coloured)
    grey = upright.convert("L")
    grey.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    return grey
