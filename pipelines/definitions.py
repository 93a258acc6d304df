"""The code location: everything Dagster knows, listed. Nothing is loaded by discovery."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets import (
    activity,
    evaluation,
    knowledge,
    learning,
    memory,
    moodle,
    motivation,
    practice,
    questions,
    site,
    uploads,
    warehouse,
)
from pipelines.checks import activity as activity_checks
from pipelines.checks import freshness as freshness_checks
from pipelines.checks import knowledge as knowledge_checks
from pipelines.checks import landing as landing_checks
from pipelines.checks import motivation as motivation_checks
from pipelines.checks import retrieval_quality
from pipelines.checks import warehouse as warehouse_checks
from pipelines.jobs import JOBS
from pipelines.resources import Studium
from pipelines.schedules import SCHEDULES
from pipelines.sensors import SENSORS

ASSET_MODULES = [
    *(site, moodle, activity, knowledge, uploads, questions, practice, learning, memory, motivation, evaluation),
    warehouse,
]
CHECK_MODULES = [
    *(freshness_checks, landing_checks, activity_checks, knowledge_checks, warehouse_checks),
    *(retrieval_quality, motivation_checks),
]


def build_defs(resource_overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """Fresh definitions; tests swap resources by name."""
    return dg.Definitions(
        assets=[asset for module in ASSET_MODULES for asset in module.ASSETS],
        asset_checks=[check for module in CHECK_MODULES for check in module.CHECKS],
        jobs=JOBS,
        schedules=SCHEDULES,
        sensors=SENSORS,
        resources={"studium": Studium(), **(resource_overrides or {})},
        executor=dg.in_process_executor,
    )


defs = build_defs()
