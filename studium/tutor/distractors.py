"""Passages of other subjects that stand beside a course while it is examined.

They are, in this order: what the source folders say (course backups, and any file Studium reads), passage by passage;
the same texts' sentences put together anew within a module, each at most four times; and the documentation of the
Python packages this installation runs on. What the examined course itself says is left out: it would be an answer.
"""

import importlib
import inspect
import pkgutil
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from pgvector import HalfVector

from studium.content.chunk import chunk
from studium.content.records import UnreadableError
from studium.content.sandbox import Sandbox, warm_sandbox
from studium.content.sentences import sentence_starts
from studium.content.spaces import LiveSpace
from studium.moodle.backup.archive import unpack
from studium.moodle.backup.reader import read_backup
from studium.retrieval.shelf import PlainText, embedded_texts, missing
from studium.tutor.evaluation import said_alike

ROOT = Path(__file__).parents[2]
RECORDED = (ROOT / "examples", ROOT / "tests" / "data" / "moodle")
PACKAGES = ("numpy", "polars", "pandas", "statistics", "email", "sqlalchemy", "asyncio", "logging", "argparse", "scipy")
PAGES = 25
"""Of a document."""
FEWEST_WORDS, MOST_WORDS = 12, 150
FEWEST_OF_A_SENTENCE = 5
TIMES = 4
SEED = 20261122
READ = frozenset({".docx", ".htm", ".html", ".md", ".pdf", ".pptx", ".txt"})


def distractors(count: int, own: Iterable[str], sources: Sequence[Path] = RECORDED) -> list[PlainText]:
    """`count` passages as documents; fewer when there are no more texts.

    Args:
        count: how many.
        own: the examined course's passages.
        sources: folders with course backups and other files.
    """
    said = {sentence for text in own for sentence in sentences(text)}
    modules = [
        kept for passages in _recorded(sources) if (kept := [text for text in passages if not _is_said(text, said)])
    ]
    ways: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: (text for passages in modules for text in passages),
        partial(_recombined, modules, said),
        documentation,
    )
    texts = list(islice(_once(text for way in ways for text in way()), count))
    return [PlainText(f"Other subjects, part {n}", pages) for n, pages in enumerate(_pages(texts), 1)]


def _once(texts: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text


def sentences(text: str) -> list[str]:
    """Of one passage, with single spaces."""
    starts = [0, *sentence_starts(text)]
    parts = (said_alike(text[a:b]) for a, b in zip(starts, [*starts[1:], len(text)], strict=True))
    return [part for part in parts if len(part.split()) >= FEWEST_OF_A_SENTENCE]


def _is_said(text: str, said: Set[str]) -> bool:
    return any(sentence in said for sentence in sentences(text))


def _pages(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), PAGES):
        yield texts[start : start + PAGES]


def _recorded(sources: Sequence[Path]) -> Iterator[list[str]]:
    """The passages of each module of a recorded course, and of each other file."""
    sandbox = warm_sandbox()
    for folder in sources:
        for path in sorted(folder.rglob("*")):
            if path.suffix == ".mbz":
                yield from _of_backup(path, sandbox)
            elif path.suffix in READ:
                yield _passages(sandbox, path.read_bytes(), path.name, None)


def _of_backup(backup: Path, sandbox: Sandbox) -> Iterator[list[str]]:
    by_module: dict[int, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        unpack(backup, Path(folder))
        records = read_backup(Path(folder), "distractors", backup.name)
        for row in records.tables["materials"].iter_rows(named=True):
            content = records.contents.get(row["object_path"])
            if content is not None:
                data = content if isinstance(content, bytes) else content.read_bytes()
                found = _passages(sandbox, data, row["filename"] or "", row["media_type"])
                by_module.setdefault(row["cmid"], []).extend(found)
    yield from by_module.values()


def _passages(sandbox: Sandbox, data: bytes, name: str, media_type: str | None) -> list[str]:
    try:
        parsed = sandbox.parse(data, name, media_type)
    except UnreadableError:
        return []
    found = (passage.text for one in chunk(parsed) for passage in one.passages)
    return [text for text in found if len(text.split()) >= FEWEST_WORDS]


def _recombined(modules: Sequence[Sequence[str]], said: Set[str]) -> Iterator[str]:
    """Three to six sentences of one module a passage, until each was used four times."""
    chance = random.Random(SEED)  # noqa: S311 - the same texts at every evaluation
    for _ in range(TIMES):
        for passages in modules:
            deck = [sentence for text in passages for sentence in sentences(text) if sentence not in said]
            chance.shuffle(deck)
            while deck:
                size = chance.randint(3, 6)
                yield " ".join(deck[:size])
                del deck[:size]


def documentation() -> Iterator[str]:
    """Paragraphs of what the packages' functions and classes say of themselves."""
    for name in PACKAGES:
        for module in _modules(name):
            for thing in vars(module).values():
                if str(getattr(thing, "__module__", "")).partition(".")[0] == name:
                    methods = vars(thing).values() if inspect.isclass(thing) else ()
                    for one in (thing, *methods):
                        yield from _stretches(str(one.__doc__ or "") if callable(one) else "")


def _modules(name: str) -> Iterator[object]:
    try:
        package = importlib.import_module(name)
    except ImportError:
        return
    yield package
    for found in pkgutil.iter_modules(getattr(package, "__path__", [])):
        if not found.name.startswith(("_", "test", "conftest")):
            try:
                yield importlib.import_module(f"{name}.{found.name}")
            except Exception:  # noqa: S112 - a module that needs more than is here has nothing to say
                continue


def _stretches(text: str) -> Iterator[str]:
    words: list[str] = []
    for paragraph in text.split("\n\n"):
        words += paragraph.split()
        if len(words) >= FEWEST_WORDS * 4:
            yield " ".join(words[:MOST_WORDS])
            words = []


def kept_vectors(path: Path, space: LiveSpace, texts: Sequence[PlainText]) -> Mapping[str, HalfVector]:
    """The texts' vectors, truly made, and kept in a file for the next time."""
    named = embedded_texts(text.chunks() for text in texts)
    known: dict[str, HalfVector] = {}
    if path.exists():
        with np.load(path) as kept:
            rows = zip(kept["names"].tolist(), kept["vectors"], strict=True)
            known = {name: HalfVector(row) for name, row in rows if name in named}
    if made := missing(space, named, known):
        known |= made
        path.parent.mkdir(parents=True, exist_ok=True)
        vectors = np.array([vector.to_numpy() for vector in known.values()], np.float16)
        with path.open("wb") as file:
            np.savez(file, names=np.array(list(known)), vectors=vectors)
    return known
