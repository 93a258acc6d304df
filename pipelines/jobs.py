"""Jobs as asset selections by group, and which job a work request asks for.

What an asset does stands in `assets`; when a job runs without being asked stands in `schedules` and `sensors`; whether
a run would find nothing new, in `settled`.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines import settled
from pipelines.partitions import courses, learners
from pipelines.resources import Studium
from studium.moodle.intake import register_backup
from studium.moodle.keys import CourseKey
from studium.moodle.logs.register import register_log
from studium.storage import fetch
from studium.work import Request

_moodle, _activity, _content, _uploads, _practice, _cards, _warehouse = (
    dg.AssetSelection.groups(name)
    for name in ("moodle", "activity", "content", "uploads", "practice", "cards", "warehouse")
)

_asking = dg.AssetSelection.assets(["lake", "course_answers"])
_known = _moodle - _asking
_from_services = _moodle - dg.AssetSelection.assets(["lake", "course_backup"])

MOODLE_TAG = "studium/moodle"
"""The site a run asks; `dagster.yaml` says how many runs may ask one site at a time."""

course_refresh = dg.define_asset_job(
    "course_refresh",
    _known | _activity | _content | _practice | _cards | _warehouse,
    description="One course from its newest backup or sync and all its logs to vectors and marts: the job to backfill.",
)
backup_import = dg.define_asset_job(
    "backup_import",
    _known | _content | _practice | _cards | _warehouse,
    description="A course backup that has just arrived: records, materials, vectors, questions to practise, marts.",
)
course_sync = dg.define_asset_job(
    "course_sync",
    _from_services | _content | _cards,
    tags={MOODLE_TAG: "by hand"},  # a run for a request names the site instead
    description="One course asked of its Moodle: answers, records, materials, vectors; what is new asks for the marts.",
)
log_import = dg.define_asset_job(
    "log_import",
    _activity | _warehouse,
    description="Logs that have just arrived: events, sessions, activity marts.",
)
log_roll_up = dg.define_asset_job(
    "log_roll_up",
    _activity,
    description="What was read of Moodle's own log, for one course: events, sessions; what is new asks for the marts.",
)
log_pull = dg.define_asset_job(
    "log_pull",
    dg.AssetSelection.groups("moodle_logs"),
    description="What is new of Moodle's own log, for all courses; those it changes are asked for.",
)
upload_ingest = dg.define_asset_job(
    "upload_ingest", _uploads, description="One uploaded file, parsed, chunked and embedded."
)
questions_digest = dg.define_asset_job(
    "questions_digest",
    dg.AssetSelection.groups("questions"),
    description="What is asked in one course, put together anew for those who teach it.",
)
day_close = dg.define_asset_job(
    "day_close",
    dg.AssetSelection.groups("motivation"),
    description="Days that are over where their learners are, and whether what is kept replays from events.",
)
memory_fit = dg.define_asset_job(
    "memory_fit",
    dg.AssetSelection.groups("memory", "plans"),
    description="FSRS fitted to one learner's reviews, and their plans made by what is in use then.",
)
study_plan = dg.define_asset_job(
    "study_plan", dg.AssetSelection.groups("plans"), description="One learner's plans to their exams, made anew."
)
warehouse_build = dg.define_asset_job("warehouse_build", _warehouse, description="Every dbt model and its tests.")
evaluation = dg.define_asset_job(
    "evaluation",
    dg.AssetSelection.groups("evaluation"),
    description="Golden questions, asked of what answers and of what is wanted instead, which takes over if no worse.",
)

JOBS = [
    *(course_refresh, backup_import, course_sync, log_import, log_roll_up, log_pull),
    *(upload_ingest, questions_digest, day_close, memory_fit, study_plan, warehouse_build, evaluation),
]


@dataclass(frozen=True)
class Launch:
    """What to run for a request."""

    job: str
    partition_key: str | None = None
    partitions: str = str(courses.name)
    """What the key is one of."""
    run_config: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    settled_by: str | None = None
    """The run after which there is nothing left to do."""


def launch_for(request: Request, studium: Studium, instance: dg.DagsterInstance) -> Launch:
    """Register what a request brings and say which run it needs.

    Raises:
        studium.errors: the typed errors of the intakes, when the file is not what the request says it is.
    """
    tags = {"studium/request": str(request.request_id)}
    match request.kind:
        case "import_backup":
            course = _register_backup(request, studium)
            return _of_course(backup_import.name, course, tags, studium, instance)
        case "sync":
            return Launch(course_sync.name, partition_key=str(CourseKey.parse(request.payload["course_id"])), tags=tags)
        case "import_logs":
            # a reading of Moodle's log brings many courses at once: one build of the warehouse is enough for them
            job = log_import if "object_path" in request.payload else log_roll_up
            course = _register_log(request, studium)
            return _of_course(job.name, course, tags, studium, instance)
        case "upload" | "import_file":
            document = request.payload["document_id"]
            config = {"ops": {"content__uploads": {"config": {"document_id": document}}}}
            with studium.connect() as connection:
                settled_by = settled.file_settled_by(connection, document)
            return Launch(upload_ingest.name, run_config=config, tags=tags, settled_by=settled_by)
        case "questions" | "plan":
            return _of_partition(request, tags)
        case "warehouse":
            return Launch(warehouse_build.name, tags=tags)


def _of_partition(request: Request, tags: Mapping[str, str]) -> Launch:
    """What is made anew of what is there, of one course or one learner."""
    if request.kind == "plan":
        return Launch(study_plan.name, str(UUID(request.payload["account_id"])), str(learners.name), tags=tags)
    return Launch(questions_digest.name, str(CourseKey.parse(request.payload["course_id"])), tags=tags)


def _of_course(
    job: str, course: CourseKey, tags: Mapping[str, str], studium: Studium, instance: dg.DagsterInstance
) -> Launch:
    settings = studium.settings
    with studium.connect() as connection:
        inputs = settled.inputs_of(connection, settings, course, logs=job != backup_import.name)
        settled_by = settled.course_settled_by(instance, connection, settings, course, job, inputs)
    return Launch(job, str(course), tags={**tags, settled.TAG: inputs}, settled_by=settled_by)


def _register_backup(request: Request, studium: Studium) -> CourseKey:
    with tempfile.TemporaryDirectory() as folder, studium.connect() as connection:
        path = _fetched(request.payload, studium, folder)
        return register_backup(studium.store, connection, path, request.requested_by)


def _register_log(request: Request, studium: Studium) -> CourseKey:
    payload, course = request.payload, CourseKey.parse(request.payload["course_id"])
    if "object_path" not in payload:  # rows of Moodle's database, registered when they were read
        return course
    zone = ZoneInfo(payload["timezone"]) if payload.get("timezone") else None
    with tempfile.TemporaryDirectory() as folder, studium.connect() as connection:
        path = _fetched(payload, studium, folder)
        register_log(studium.store, connection, path, course, zone, request.requested_by)
    return course


def _fetched(payload: Mapping[str, str], studium: Studium, folder: str) -> Path:
    path = Path(folder) / Path(payload["filename"]).name
    fetch(studium.store, payload["object_path"], path)
    return path
