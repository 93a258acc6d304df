"""Jobs as asset selections by group, and which job a work request asks for.

What an asset does stands in `assets`; when a job runs without being asked stands in `schedules` and `sensors`.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.resources import Studium
from studium.moodle.intake import register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.logs.register import register_log
from studium.storage import fetch
from studium.work import Request

_moodle, _activity, _content, _uploads, _warehouse = (
    dg.AssetSelection.groups(name) for name in ("moodle", "activity", "content", "uploads", "warehouse")
)

course_refresh = dg.define_asset_job(
    "course_refresh",
    _moodle | _activity | _content | _warehouse,
    description="One course from its newest backup and all its logs to vectors and marts: the job to backfill.",
)
backup_import = dg.define_asset_job(
    "backup_import",
    _moodle | _content | _warehouse,
    description="A course backup that has just arrived: records, materials, vectors, marts.",
)
log_import = dg.define_asset_job(
    "log_import",
    _activity | _warehouse,
    description="Logs that have just arrived: events, sessions, activity marts.",
)
upload_ingest = dg.define_asset_job(
    "upload_ingest", _uploads, description="One uploaded file, parsed, chunked and embedded."
)
warehouse_build = dg.define_asset_job("warehouse_build", _warehouse, description="Every dbt model and its tests.")

JOBS = [course_refresh, backup_import, log_import, upload_ingest, warehouse_build]


@dataclass(frozen=True)
class Launch:
    """What to run for a request."""

    job: str
    partition_key: str | None = None
    run_config: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def launch_for(request: Request, studium: Studium) -> Launch:
    """Register what a request brings and say which run it needs.

    Raises:
        studium.errors: the typed errors of the intakes, when the file is not what the request says it is.
    """
    tags = {"studium/request": str(request.request_id)}
    match request.kind:
        case "import_backup":
            return Launch(backup_import.name, str(_register_backup(request, studium)), tags=tags)
        case "import_logs":
            return Launch(log_import.name, str(_register_log(request, studium)), tags=tags)
        case "upload" | "import_file":
            config = {"ops": {"content__uploads": {"config": {"document_id": request.payload["document_id"]}}}}
            return Launch(upload_ingest.name, run_config=config, tags=tags)
        case "warehouse":
            return Launch(warehouse_build.name, tags=tags)


def _register_backup(request: Request, studium: Studium) -> CourseKey:
    with tempfile.TemporaryDirectory() as folder, studium.connect() as connection:
        path = _fetched(request.payload, studium, folder)
        return register_backup(studium.store, connection, path, request.requested_by)


def _register_log(request: Request, studium: Studium) -> CourseKey:
    payload, course = request.payload, CourseKey.parse(request.payload["course_id"])
    zone = ZoneInfo(payload["timezone"]) if payload.get("timezone") else None
    with tempfile.TemporaryDirectory() as folder, studium.connect() as connection:
        path = _fetched(payload, studium, folder)
        register_log(studium.store, connection, path, course, zone, request.requested_by)
    return course


def _fetched(payload: Mapping[str, str], studium: Studium, folder: str) -> Path:
    path = Path(folder) / Path(payload["filename"]).name
    fetch(studium.store, payload["object_path"], path)
    return path
