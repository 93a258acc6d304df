"""Files nobody should have to expect: each ends as it must, under its limits, and the run goes on."""

from dataclasses import dataclass

import pytest
from content_world import World, open_world
from hostile import FILES, READY, Hostile

from studium.content.ingest import Report, ingest
from studium.content.intake import register_upload, waiting
from studium.content.records import Limits, Parsed
from studium.content.sandbox import Sandbox
from studium.settings import Settings

LIMITS = Limits(memory_bytes=1024**3, cpu_seconds=8, wall_seconds=60)


class Watched(Sandbox):
    """Remembers what each file took."""

    def __init__(self) -> None:
        super().__init__(LIMITS)
        self.peaks: list[int] = []

    def parse(self, data: bytes, filename: str, media_type: str | None = None) -> Parsed:
        try:
            return super().parse(data, filename, media_type)
        finally:
            self.peaks.append(self.peak_bytes)


@dataclass(frozen=True)
class Outcome:
    status: str
    reason: str | None
    detail: str
    filename: str
    text: str


@dataclass(frozen=True)
class Run:
    report: Report
    outcomes: list[Outcome]
    peaks: list[int]


@pytest.fixture(scope="module")
def run(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All files, uploaded by one person and read in one run."""
    world = World(open_world(settings, tmp_path_factory.mktemp("hostile")))
    owner = world.add_account()
    ids = []
    for file in FILES:
        with world.connect() as connection:
            ids.append(
                register_upload(world.store, connection, owner, file.filename, file.build(), title=file.filename)
            )
    with world.connect() as connection:
        assert waiting(connection, None) == ids
    with Watched() as sandbox:
        report = ingest(world.connect, world.store, world.settings, ids, sandbox=sandbox)
        peaks = sandbox.peaks
    assert world.problems() == []
    return Run(report, [outcome(world, document) for document in ids], peaks)


def outcome(world: World, document: object) -> Outcome:
    ((status, reason, detail, filename),) = world.rows(
        "select status, status_reason, coalesce(status_detail, ''), filename from content.documents "
        "where document_id = %s",
        document,
    )
    chunks = world.rows("select text from content.chunks where document_id = %s order by position", document)
    return Outcome(status, reason, detail, filename, "\n".join(text for (text,) in chunks))


@pytest.mark.parametrize("number", range(len(FILES)), ids=[file.filename for file in FILES])
def test_each_file_ends_as_it_must(run: Run, number: int) -> None:
    file, found = FILES[number], run.outcomes[number]
    expected = {file.expected} if isinstance(file.expected, str) else file.expected
    assert (found.reason or found.status) in expected
    assert (found.status == READY) == bool(found.text)
    assert file.shows in found.text
    assert file.says in found.detail
    assert found.status == READY or found.detail.endswith(".")


def test_run_went_on_to_the_end(run: Run) -> None:
    assert len(FILES) >= 30
    assert run.report.ready + sum(run.report.failed.values()) == len(FILES)
    assert run.report.ready == sum(found.status == READY for found in run.outcomes)


def test_no_file_took_more_memory_than_it_may(run: Run) -> None:
    assert len(run.peaks) == len(FILES)
    assert 0 < max(run.peaks) < LIMITS.memory_bytes


def test_nothing_harmful_is_kept(run: Run) -> None:
    for found in run.outcomes:
        assert "/" not in found.filename
        assert "root:" not in found.text
        assert "alert(" not in found.text
        assert not {"\x00", "\u202e", "\ufeff"} & set(found.text + found.filename)


def test_files_are_as_hostile_as_they_say(run: Run) -> None:
    """A builder that went stale would test nothing."""
    sizes = {file.filename: len(file.build()) for file in FILES if isinstance(file, Hostile)}
    assert sizes["bomb.docx"] < 1024**2
    assert sizes["stream bomb.pdf"] < 4 * 1024**2
    assert len(sizes) == len(FILES)
