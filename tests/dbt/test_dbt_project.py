"""The shape of dbt/: what its own tools do not look at. No database, no dbt process but the parse."""

import os
import re
import statistics
from pathlib import Path

import pytest
import yaml

from studium import warehouse

ROOT = warehouse.PROJECT.parent
MODELS = sorted((warehouse.PROJECT / "models").rglob("*.sql"))
ASKS_THE_CLOCK = re.compile(r"\b(now\(\)|current_date|current_timestamp|clock_timestamp|localtime)", re.IGNORECASE)
NAMES_A_MART = re.compile(r"\bmarts\.([a-z_]+)")
SERVED_BY = ("studium", "serving", "dashboards")
NOT_SERVED = {"studium/warehouse_audit.py"}


def exposures() -> dict[str, set[str]]:
    """The marts each exposure says it reads."""
    listed = yaml.safe_load((warehouse.PROJECT / "models/marts/_exposures.yml").read_text())["exposures"]
    return {one["name"]: {re.findall(r"'(\w+)'", node)[0] for node in one["depends_on"]} for one in listed}


def marts_read_in_code() -> set[str]:
    """Every mart that a statement of the product names."""
    files = (path for room in SERVED_BY for path in (ROOT / room).rglob("*.py"))
    texts = (path.read_text() for path in files if str(path.relative_to(ROOT)) not in NOT_SERVED)
    built = {path.stem for path in MODELS} | {"point_rules"}
    return {name for text in texts for name in NAMES_A_MART.findall(text)} & built


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.stem)
def test_a_model_never_asks_what_time_it_is(model: Path) -> None:
    assert not ASKS_THE_CLOCK.search(model.read_text())


def test_models_stay_small_enough_to_be_read() -> None:
    lines = [len(model.read_text().splitlines()) for model in MODELS]
    assert max(lines) <= 130
    assert statistics.median(lines) <= 30


def test_every_mart_the_product_reads_is_named_by_an_exposure() -> None:
    served = set().union(*(marts for name, marts in exposures().items() if name != "command_sql"))
    assert marts_read_in_code() <= served


def test_no_page_or_endpoint_claims_a_mart_that_nothing_reads() -> None:
    served = set().union(*(marts for name, marts in exposures().items() if name != "command_sql"))
    assert served <= marts_read_in_code()


def test_every_mart_can_be_asked_for_by_name() -> None:
    marts = {model.stem for model in MODELS if model.parent.name == "marts"}
    assert marts | {"point_rules"} == exposures()["command_sql"]


@pytest.mark.soak
def test_the_manifest_is_parsed_when_it_is_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse, "MANIFEST", tmp_path / "manifest.json")
    (tmp_path / "manifest.json").write_text("{}")
    assert warehouse.prepare_manifest().read_text() == "{}"
    os.utime(tmp_path / "manifest.json", (0, 0))
    assert '"learner_progress"' in warehouse.prepare_manifest().read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
