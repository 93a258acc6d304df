from collections import defaultdict

import polars as pl

from studium.moodle.logs.event_names import MODULES, SPEAKS_OF_ANOTHER, catalogue


def test_a_displayed_name_means_one_class():
    classes = defaultdict(set)
    for component, event, name in catalogue():
        classes[component, event].add(name)
    assert [shown for shown, names in classes.items() if len(names) > 1] == []


def test_every_class_is_written_as_the_store_writes_it():
    names = {name for *_, name in catalogue()}
    assert len(names) > 500
    assert all(name.count("\\") == 3 and "\\event\\" in name for name in names)
    assert names > SPEAKS_OF_ANOTHER


def test_every_module_can_be_viewed():
    names = {name for *_, name in catalogue()}
    assert {f"\\mod_{module}\\event\\course_module_viewed" for module in MODULES} < names


def test_the_catalogue_knows_what_a_real_site_logged(data):
    logged = pl.read_parquet(data / "moodle/mdl_logstore_standard_log.parquet")["eventname"].unique()
    assert set(logged) <= {name for *_, name in catalogue()}
