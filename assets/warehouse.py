"""dbt's models as assets: from `raw` and `app` to `marts`, with dbt's tests as their checks.

The one module that imports dagster_dbt, which takes seconds. How dbt is called stands in studium.warehouse, what the
models say in dbt/.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import metadata
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets
from packaging.version import Version
from psycopg.sql import SQL, Identifier

from pipelines.resources import Studium
from studium import warehouse as rules
from studium.database.pool import Role, connect
from studium.settings import Settings, get_settings

BUILT = (dg.Output, dg.AssetMaterialization)


class Translator(DagsterDbtTranslator):
    """Names dbt's tables as every other asset is named; group and owners stand in dbt_project.yml."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The relation; of a source the key its YAML states, which is that of the asset that writes it."""
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """What dbt says of it, and its page in the dbt docs."""
        kind, name = dbt_resource_props["resource_type"], dbt_resource_props["unique_id"]
        page = dg.MetadataValue.url(f"{get_settings().url}/warehouse-docs#!/{kind}/{name}")
        return {**super().get_metadata(dbt_resource_props), "dbt docs": page}

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The sentences of the YAML alone; the SQL is in the dbt docs."""
        return str(dbt_resource_props["description"])


class Dbt(DbtCliResource):
    """dbt, as it is installed."""

    @cached_property
    def _cli_version(self) -> Version:
        """Read here: `dbt --version` would ask PyPI for the newest one, which costs seconds and calls out."""
        return Version(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        """None: `counted` asks the database itself, and to make one takes seconds of every run."""


def counted(events: Iterable[Any], nodes: Mapping[str, Any], settings: Settings) -> Iterator[Any]:
    """Say of each table that was built how many rows it has; a view is not run for that.

    dagster-dbt's own `fetch_row_counts` asks without a pause whether dbt has said something: a core's whole work for
    as long as dbt builds.
    """
    with connect(settings, Role.PIPELINE, autocommit=True) as connection:
        for event in events:
            node = nodes[str(event.metadata["unique_id"].value)] if isinstance(event, BUILT) else None
            if node is None or node["config"]["materialized"] == "view":
                yield event
                continue
            count = SQL("select count(*) from {}").format(Identifier(node["schema"], node["name"]))
            [(rows,)] = connection.execute(count).fetchall()
            yield event.with_metadata({**event.metadata, "dagster/row_count": rows})


@dbt_assets(manifest=rules.prepare_manifest(), dagster_dbt_translator=Translator(), name="warehouse")
def warehouse(context: dg.AssetExecutionContext, studium: Studium) -> Iterator[Any]:
    """Build what was selected and run its tests; a failing test keeps back the tables below it."""
    project, settings = os.fspath(rules.PROJECT), studium.settings
    dbt = Dbt(project_dir=project, profiles_dir=project, dbt_executable=os.fspath(rules.EXECUTABLE))
    with rules.only_builder(settings), rules.in_dbt_environment(settings):
        invocation = dbt.cli(
            list(rules.BUILD), context=context.op_execution_context, target_path=rules.target(settings)
        )
        yield from counted(invocation.stream(), invocation.manifest["nodes"], settings)
    try:
        rules.refresh_docs(settings)
    except rules.WarehouseError as error:  # the tables are good; the next build tries again
        context.log.warning("The dbt docs could not be written: %s", error)


ASSETS = [warehouse]
