"""A number dbt decides by and Python tells people must be the same number."""

from pathlib import Path

import yaml

from studium.analytics.cohort import QUIET_AFTER_DAYS


def test_quiet_means_the_same_in_dbt_and_in_words() -> None:
    project = yaml.safe_load((Path(__file__).parents[2] / "dbt" / "dbt_project.yml").read_text())
    assert project["vars"]["quiet_after_days"] == QUIET_AFTER_DAYS
