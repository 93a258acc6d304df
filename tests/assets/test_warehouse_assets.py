"""The warehouse as Dagster sees it: names, lineage, owners. Nothing is run."""

import dagster as dg

from assets import warehouse
from pipelines.checks import warehouse as checks
from pipelines.resources import Studium
from studium import warehouse as rules

KEYS = set(warehouse.warehouse.keys)


def test_every_relation_is_an_asset_named_like_it() -> None:
    assert {key.path[0] for key in KEYS} == {"staging", "intermediate", "marts"}
    assert dg.AssetKey(["marts", "learner_progress"]) in KEYS
    assert all(len(key.path) == 2 for key in KEYS)


def test_lineage_begins_at_raw_and_app() -> None:
    before = set(warehouse.warehouse.dependency_keys) - KEYS
    assert {key.path[0] for key in before} == {"raw", "app"}
    assert dg.AssetKey(["raw", "activity_daily"]) in before


def test_a_mart_leads_back_to_raw() -> None:
    upstream, found = [dg.AssetKey(["marts", "learner_progress"])], set()
    while upstream:
        key = upstream.pop()
        found.add(key)
        upstream += [dep for dep in warehouse.warehouse.asset_deps.get(key, ()) if dep not in found]
    assert {dg.AssetKey(["raw", table]) for table in ("completions", "grades", "activity_daily", "modules")} <= found


def test_every_asset_has_group_owner_description_and_grain() -> None:
    for spec in warehouse.warehouse.specs:
        assert (spec.group_name, list(spec.owners)) == ("warehouse", ["team:data"])
        assert "One row per" in str(spec.description) or "one row per" in str(spec.description)
        assert {"dbt", "postgres"} & set(spec.kinds)


def test_dbt_tests_are_checks_beside_our_own() -> None:
    definitions = dg.Definitions(assets=warehouse.ASSETS, asset_checks=checks.CHECKS, resources={"studium": Studium()})
    graph = definitions.resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys}
    assert {"equals_raw", "replays_from_raw", "assert_learner_rows_are_guarded"} <= names
    assert len(graph.asset_check_keys) > 100


def test_dbt_is_not_asked_for_its_version() -> None:
    """It would ask the package index for the newest."""
    dbt = warehouse.Dbt(project_dir=str(rules.PROJECT), dbt_executable=str(rules.EXECUTABLE))
    assert dbt._cli_version.major == 1
    assert type(dbt)._cli_version is not warehouse.DbtCliResource._cli_version
