"""Reads the XML of a backup: safely, by the piece where it is large, with Moodle's own NULL. No table is known here."""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element

from studium.moodle.errors import DamagedBackupError, UnsafeBackupError

NULL = "$@NULL@$"
BIG = 8_000_000
"""libxml2 refuses texts of 10 MB unless told otherwise, and a page with pictures inside can hold one."""
DEPTH_OF_A_ROW = 3
"""Rows of a module stand in a list in the module in the activity; what is deeper is a plugin's of the same name."""


def root(folder: Path, name: str) -> Element:
    """The root of an XML file of the backup."""
    path = _guarded(folder, name)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
        huge_tree=path.stat().st_size > BIG,
    )
    try:
        return etree.parse(path, parser).getroot()
    except etree.XMLSyntaxError as error:
        raise DamagedBackupError(f"{name} is not well-formed XML: {error.msg}") from error


def optional_root(folder: Path, name: str) -> Element | None:
    """The root of a file that other versions of Moodle, or other choices at backup, leave out."""
    return root(folder, name) if (folder / name).is_file() else None


def each(folder: Path, name: str, *tags: str) -> Iterator[Element]:
    """The elements of these names, each thrown away when the next is asked for."""
    path = _guarded(folder, name)
    try:
        for _, element in etree.iterparse(
            path,
            tag=tags,
            resolve_entities=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            encoding="utf-8",
            huge_tree=path.stat().st_size > BIG,
        ):
            yield element
            element.clear(keep_tail=False)
    except etree.XMLSyntaxError as error:
        raise DamagedBackupError(f"{name} is not well-formed XML: {error.msg}") from error


def streamed_root(folder: Path, name: str, handlers: Mapping[str, Callable[[Element], None]]) -> Element:
    """The root of a file, with the elements `handlers` name handed to them and thrown away: attempts are many."""
    if not handlers:
        return root(folder, name)
    top: Element | None = None
    for element in each(folder, name, "activity", *handlers):
        if element.tag == "activity":
            top = deepcopy(element)
        elif sum(1 for _ in element.iterancestors()) == DEPTH_OF_A_ROW:
            handlers[str(element.tag)](element)
    if top is None:
        raise DamagedBackupError(f"{name} holds no activity")
    return top


def _guarded(folder: Path, name: str) -> Path:
    """The file, sure to hold no document type: Moodle writes none, and every entity attack needs one."""
    path = folder / name
    if not path.is_file():
        raise DamagedBackupError(f"{name} is missing from the backup")
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(1 << 20):
            if re.search(rb"<!(DOCTYPE|ENTITY)", tail + piece):
                raise UnsafeBackupError(f"{name} declares a document type, which no Moodle backup does")
            tail = piece[-10:]
    return path


def text(element: Element | None, name: str) -> str | None:
    """The text of a child; None when it is missing or NULL."""
    value = element.findtext(name) if element is not None else None
    return None if value is None or value == NULL else value


def number(element: Element | None, name: str, default: int = 0) -> int:
    """The whole number of a child; `default` when it is missing or none."""
    value = text(element, name)
    try:
        return int(value) if value else default
    except ValueError:
        return default


def identity(element: Element, attribute: str = "id") -> int:
    """The id an element carries; 0, which no record accepts, when it carries none."""
    value = element.get(attribute) or ""
    return int(value) if value.isdecimal() else 0


def plain(element: Element) -> object:
    """A subtree as texts, dicts and (where names repeat, or items carry ids) lists."""
    if len(element) == 0:
        return None if element.text == NULL else element.text or ""
    names = [child.tag for child in element]
    if len(set(names)) < len(names):
        return [plain(child) for child in element]
    return {str(child.tag): plain(child) for child in element}
