"""Search on collections with judgements: `python bench/judged.py FOLDER... [--keep FOLDER]`.

Each folder's documents (BEIR, Cranfield and its like, see support/judged_collections.py) go the product's way into an
installation of their own: cut, embedded, indexed; each question is asked through `studium.retrieval.search` as somebody
enrolled. What that finds is held against its halves: BM25 by `bm25s`, and MiniLM's cosine over the same passages.
`fused - better` is nDCG@10 of the search less that of its better half; its lower bound is the 2.5 % quantile over
resampled questions.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector.psycopg import register_vector

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.support.judged_collections import Collection, read_collection
from bench.support.report import console, judged, show, table
from studium.content.embed import Embedder
from studium.content.spaces import open_spaces
from studium.database import migrate
from studium.database.pool import Role, acting_as, connect
from studium.retrieval.search import LARGEST_LIMIT, search
from studium.retrieval.shelf import PlainText, shelve
from studium.settings import Settings

SITE = "collection"
COURSE = f"{SITE}:1"
DEEP = 10
RESAMPLES = 10_000
LEAST_BOUND = -0.01
Ranking = list[str]
Figures = NDArray[np.float64]
PLACE = """
insert into raw.sites (site_id, wwwroot) values ('collection', 'http://collection.test');
insert into raw.courses (site_id, course_id, shortname, fullname, is_visible, group_mode, group_mode_forced,
                         completion_enabled, backup_sha256, backup_at)
values ('collection', 1, 'C', 'Collection', true, 0, false, true, '', now());
insert into raw.sections (site_id, course_id, section_id, number, is_visible, sequence)
values ('collection', 1, 1, 0, true, '{}');
insert into raw.users (site_id, user_id, is_deleted, seen_at) values ('collection', 1, false, now());
insert into raw.enrolments (site_id, course_id, enrolment_id, user_id, method, status, method_status)
values ('collection', 1, 1, 1, 'manual', 0, 0);
insert into app.accounts (email, display_name) values ('r@collection.test', 'Reader');
insert into app.moodle_links (site_id, moodle_user_id, account_id) select 'collection', 1, account_id from app.accounts;
create table public.collection_names (document_id uuid primary key, name text not null);
"""


@dataclass(frozen=True)
class Library:
    """A collection as Studium holds it."""

    settings: Settings
    embedder: Embedder
    names: dict[UUID, str]
    reader: UUID


def bring(collection: Collection, home: Path) -> Library:
    """The collection in an installation of its own; one that is there already is used again."""
    settings = Settings(home=home, _env_file=None)
    is_new = not (home / "postgres").exists()
    migrate.upgrade(settings)
    with connect(settings, Role.ADMIN) as connection:
        space = open_spaces(connection, settings)[0]
        if is_new:
            connection.execute(PLACE.encode())
            texts = [PlainText(title, [text or title]) for title, text in collection.documents.values()]
            documents = shelve(connection, space, COURSE, texts)
            connection.execute("select content.refresh_terms()")
            connection.cursor().executemany(
                "insert into public.collection_names values (%s, %s)",
                list(zip(documents, collection.documents, strict=True)),
            )
        names = dict(connection.execute("select document_id, name from public.collection_names").fetchall())
        [(reader,)] = connection.execute("select account_id from app.accounts").fetchall()
    if is_new:
        with connect(settings, Role.ADMIN, autocommit=True) as connection:
            connection.execute("vacuum analyze")
    return Library(settings, space.embedder, names, reader)


def first_places(names: Sequence[str]) -> Ranking:
    """Documents by their best passage."""
    return list(dict.fromkeys(names))[:DEEP]


def by_studium(library: Library, questions: dict[str, str]) -> tuple[dict[str, Ranking], list[float]]:
    """What the product finds, and how many milliseconds each question takes."""
    rankings, times = {}, []
    with connect(library.settings, Role.API) as connection:
        for name, text in questions.items():
            with acting_as(connection, library.reader):
                started = time.perf_counter()
                found = search(connection, library.embedder, text, course_id=COURSE, limit=LARGEST_LIMIT)
                times.append((time.perf_counter() - started) * 1000)
            rankings[name] = first_places([library.names[passage.document_id] for passage in found])
    return rankings, times


def by_minilm(library: Library, questions: dict[str, str]) -> dict[str, Ranking]:
    """Every passage's cosine, the best passage counting for its document."""
    with connect(library.settings, Role.ADMIN) as connection:
        register_vector(connection)
        rows = connection.execute("select document_id, embedding from content.vectors order by passage_id").fetchall()
    names = [library.names[row[0]] for row in rows]
    vectors = np.array([row[1].to_numpy() for row in rows], np.float32)
    asked = library.embedder.embed_matrix(list(questions.values()))
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    order = np.argsort(-(asked @ vectors.T), axis=1, kind="stable")[:, :1000]
    return {name: first_places([names[index] for index in row]) for name, row in zip(questions, order, strict=True)}


def by_bm25s(collection: Collection) -> dict[str, Ranking]:
    """Whole documents by bm25s, with its English stop words and Snowball's stemmer."""
    try:
        import bm25s
        import Stemmer
    except ImportError as error:
        raise SystemExit("BM25 to compare with is not installed: pip install bm25s PyStemmer") from error
    options = {"stopwords": "en", "stemmer": Stemmer.Stemmer("english"), "show_progress": False}
    names = list(collection.documents)
    retriever = bm25s.BM25()
    texts = [f"{title}\n{text}" for title, text in collection.documents.values()]
    retriever.index(bm25s.tokenize(texts, **options), show_progress=False)
    tokens = bm25s.tokenize(list(collection.questions.values()), return_ids=False, **options)
    rankings = {}
    for name, words in zip(collection.questions, tokens, strict=True):
        found, scores = retriever.retrieve([words], k=min(DEEP, len(names)), show_progress=False)
        rankings[name] = [names[i] for i, score in zip(found[0], scores[0], strict=True) if score > 0]
    return rankings


def ndcg(ranking: Ranking, grades: dict[str, float]) -> float:
    """At ten, with the grades as gains."""
    discounts = 1 / np.log2(np.arange(2, DEEP + 2))
    gains = np.array([grades.get(name, 0.0) for name in ranking[:DEEP]])
    ideal = np.sort(np.array(list(grades.values())))[::-1][:DEEP]
    return float(gains @ discounts[: len(gains)] / (ideal @ discounts[: len(ideal)]))


def figures(collection: Collection, rankings: dict[str, Ranking]) -> tuple[Figures, float]:
    """nDCG@10 of each question, and mean recall@10."""
    each = np.array([ndcg(rankings[name], collection.judgements[name]) for name in collection.questions])
    recalls = [
        len(set(rankings[name]) & collection.judgements[name].keys()) / len(collection.judgements[name])
        for name in collection.questions
    ]
    return each, float(np.mean(recalls))


def lower_bound(differences: Figures) -> float:
    """The 2.5 % quantile of the mean over resampled questions."""
    chance = np.random.default_rng(20261122)
    picks = chance.integers(len(differences), size=(RESAMPLES, len(differences)))
    return float(np.quantile(differences[picks].mean(axis=1), 0.025))


def measure(folder: Path, home: Path) -> tuple[list[str], bool]:
    """A row of the table, and whether the bound is kept."""
    collection = read_collection(folder)
    library = bring(collection, home)
    fused, times = by_studium(library, collection.questions)
    halves = {"BM25": by_bm25s(collection), "MiniLM": by_minilm(library, collection.questions)}
    fused_each, fused_recall = figures(collection, fused)
    halves_each = {name: figures(collection, rankings) for name, rankings in halves.items()}
    better = max(halves_each.values(), key=lambda half: float(half[0].mean()))
    difference = fused_each - better[0]
    bound = lower_bound(difference)
    row = [
        f"{collection.name} ({len(collection.documents)} documents, {len(collection.questions)} questions)",
        *(f"{each.mean():.3f} / {recall:.3f}" for each, recall in halves_each.values()),
        f"{fused_each.mean():.3f} / {fused_recall:.3f}",
        f"{difference.mean():+.3f}",
        judged(bound, "+.4f", at_least=LEAST_BOUND),
        f"{np.median(times):.0f} / {np.quantile(times, 0.95):.0f}",
    ]
    return row, bound >= LEAST_BOUND


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", type=Path, nargs="*", help="one collection each")
    parser.add_argument("--keep", type=Path, help="build installations here, or ask again what was built here")
    options = parser.parse_args()
    if not options.folders:
        console.print("bench/judged.py needs folders of judged collections; none ships (see docs/evaluation.md)")
        return
    headings = "BM25 nDCG@10 / recall@10", "MiniLM", "fused", "fused - better", "lower bound", "p50 / p95 ms"
    made, good = table("Search on judged collections", "collection", *headings), True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as thrown_away:
        for folder in options.folders:
            row, is_good = measure(folder, (options.keep or Path(thrown_away)).absolute() / folder.resolve().name)
            made.add_row(*row)
            good &= is_good
    show(made)
    raise SystemExit(not good)


if __name__ == "__main__":
    main()
