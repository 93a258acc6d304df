"""Handing in backups, logs and files of a course: who may, what is kept, what the pipeline is asked for."""

import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from api_world import BIOLOGY, CHEMISTRY, World

from studium import storage
from studium.client import ApiError, Client
from studium.database.pool import Role, connect

As = Callable[[str], Client]
PHARMACOLOGY = "127-0-0-1-8081:4"


def small_backup(course_id: int, wwwroot: str = "http://test.site") -> bytes:
    """As much of a backup as says whose it is."""
    header = (
        "<moodle_backup><information><moodle_release>4.5</moodle_release>"
        f"<original_wwwroot>{wwwroot}</original_wwwroot><backup_date>1795000000</backup_date>"
        f"<original_course_id>{course_id}</original_course_id><details><detail><type>course</type>"
        "<format>moodle2</format></detail></details></information></moodle_backup>"
    ).encode()
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("moodle_backup.xml")
        member.size = len(header)
        archive.addfile(member, BytesIO(header))
    return packed.getvalue()


def request_of(world: World, import_id: object) -> tuple[Any, ...]:
    with connect(world.settings, Role.ADMIN) as connection:
        return connection.execute(
            "select kind, payload, requested_by from app.work_requests where request_id = %s", [import_id]
        ).fetchone()


def test_a_real_backup_is_kept_and_handed_to_the_pipeline(client: As, world: World, data: Path) -> None:
    path = next((data / "moodle").glob("*.mbz"))
    root = client("root")
    sent = root.start_import("backup", path.name, path.read_bytes())
    assert (sent.kind, sent.filename, sent.status) == ("backup", path.name, "queued")
    kind, payload, requested_by = request_of(world, sent.import_id)
    assert (kind, requested_by) == ("import_backup", world.accounts["root"])
    assert payload["course_id"] == sent.course_id
    assert sent.course_id is not None
    assert sent.course_id.endswith(":4")
    assert storage.get(storage.open_store(world.settings), payload["object_path"]) == path.read_bytes()
    assert root.import_status(sent.import_id) == sent
    assert sent in root.imports().items


def test_an_instructor_hands_in_their_own_course_alone(client: As, world: World) -> None:
    tom = client("tom")
    assert tom.start_import("backup", "own.mbz", small_backup(1)).course_id == BIOLOGY
    for backup, course_id, status in [
        (small_backup(2), None, 404),
        (small_backup(2), BIOLOGY, 422),
        (small_backup(1), CHEMISTRY, 404),
        (small_backup(1, "http://elsewhere.test"), None, 404),
        (b"no backup at all", None, 422),
        (small_backup(1)[:100], None, 422),
    ]:
        with pytest.raises(ApiError) as refused:
            tom.start_import("backup", "course.mbz", backup, course_id=course_id)
        assert refused.value.problem.status == status
        assert refused.value.problem.detail


def test_logs_carry_their_course_and_zone(client: As, world: World) -> None:
    sent = client("tom").start_import("logs", "log.csv", b"Time\n", course_id=BIOLOGY, timezone="Europe/London")
    kind, payload, _ = request_of(world, sent.import_id)
    assert kind == "import_logs"
    assert (payload["course_id"], payload["timezone"], payload["filename"]) == (BIOLOGY, "Europe/London", "log.csv")


def test_a_file_becomes_a_document_of_the_course(client: As, world: World) -> None:
    tom, ann, dan = client("tom"), client("ann"), client("dan")
    first = tom.start_import("file", "handout.txt", b"Cells divide.", course_id=BIOLOGY)
    again = tom.start_import("file", "handout.txt", b"Cells divide in two.", course_id=BIOLOGY)
    documents = {request_of(world, sent.import_id)[1]["document_id"] for sent in (first, again)}
    assert len(documents) == 1
    (document_id,) = documents
    assert ann.document(document_id).source == "file"
    assert ann.document_content(document_id) == b"Cells divide in two."
    loose = [item for item in ann.materials(BIOLOGY).items if item.module_id is None]
    assert document_id in {str(document.document_id) for document in loose[0].documents}
    with pytest.raises(ApiError):
        dan.document(document_id)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"kind": "logs"}, 422),
        ({"kind": "file"}, 422),
        ({"kind": "logs", "course_id": BIOLOGY, "timezone": "Mars/Olympus"}, 422),
        ({"kind": "logs", "course_id": BIOLOGY, "timezone": "../../etc/passwd"}, 422),
        ({"kind": "logs", "course_id": CHEMISTRY}, 404),
        ({"kind": "everything", "course_id": BIOLOGY}, 422),
        ({"kind": "logs", "course_id": "nonsense"}, 422),
    ],
)
def test_what_cannot_be_imported_is_refused(client: As, arguments: dict[str, str], status: int) -> None:
    tom = client("tom")
    before = tom.imports().items
    with pytest.raises(ApiError) as refused:
        tom.start_import(arguments["kind"], "log.csv", b"Time\n", **{k: v for k, v in arguments.items() if k != "kind"})
    assert refused.value.problem.status == status
    assert tom.imports().items == before


def test_an_import_tells_how_it_goes(client: As, world: World) -> None:
    tom = client("tom")
    sent = tom.start_import("logs", "log.csv", b"Time\n", course_id=BIOLOGY)
    with connect(world.settings, Role.ADMIN) as connection:
        connection.execute(
            "update app.work_requests set status = 'failed', error = 'It is no log.', finished_at = now() "
            "where request_id = %s",
            [sent.import_id],
        )
    told = tom.import_status(sent.import_id)
    assert (told.status, told.error) == ("failed", "It is no log.")
    assert sent.import_id not in {found.import_id for found in client("ann").imports().items}
