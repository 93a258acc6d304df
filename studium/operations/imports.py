"""What `studium import` does: keep the file, ask the pipeline, show how it goes."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from studium import work
from studium.content.intake import register_file
from studium.database.pool import Role, connect
from studium.operations.courses import find_course
from studium.operations.requests import submit, wait
from studium.settings import Settings
from studium.storage import open_store, put_file

PREFIX = "imports"


def import_backup(settings: Settings, console: Console, path: Path) -> None:
    """A course backup, from file to marts."""
    kept = put_file(open_store(settings), PREFIX, path)
    request = submit(settings, "import_backup", {"object_path": kept, "filename": path.name})
    follow(settings, console, [request], path.name)


def import_logs(settings: Settings, console: Console, path: Path, course: str, zone: ZoneInfo | None) -> None:
    """Logs of one course, from file to marts."""
    key = find_course(settings, course)
    kept = put_file(open_store(settings), PREFIX, path)
    payload = {"object_path": kept, "filename": path.name, "course_id": str(key), "timezone": zone and zone.key}
    follow(settings, console, [submit(settings, "import_logs", payload)], path.name)


def import_files(settings: Settings, console: Console, path: Path, course: str) -> None:
    """Loose files of a course, from file to vectors."""
    key, store = find_course(settings, course), open_store(settings)
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"There is no file in {path}")
    requests = []
    for file in files:
        with connect(settings, Role.PIPELINE) as connection:
            document = register_file(store, connection, file, str(key))
            requests.append(work.submit(connection, "import_file", {"document_id": str(document)}))
    follow(settings, console, requests, f"{len(files)} files" if len(files) > 1 else files[0].name)


def follow(settings: Settings, console: Console, requests: Sequence[UUID], title: str) -> None:
    """Wait for requests with a line that says which step runs."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), TextColumn("{task.fields[step]}")
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=len(requests), step="waiting for the pipeline")

        def show(request: work.Request) -> None:
            if request.status in ("done", "failed"):
                progress.update(task, advance=1, step=request.status)
            elif request.progress:
                progress.update(task, step=request.progress.replace("__", "."))

        wait(settings, requests, show)


def follow_figures(settings: Settings, console: Console) -> None:
    """Wait for the marts to be built from what has been brought in, where that has been asked for."""
    with connect(settings, Role.PIPELINE) as connection:
        requests = work.unfinished(connection, "warehouse")
    if requests:
        follow(settings, console, requests, "Figures")
