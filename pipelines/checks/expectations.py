"""The one adapter to Great Expectations: a frame and what is expected of it in, a sentence for each breach out.

Which frames and which expectations is the business of the checks that call it.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import polars.selectors as cs

Expected = Callable[[Any], list[Any]]
"""Takes `great_expectations.expectations` and returns instances of it: naming them does not import them."""


def judge(rows: pl.DataFrame | Sequence[dict[str, Any]], expected: Expected) -> list[str]:
    """Hold rows against expectations; returns a sentence for each that is not met. Moments are UTC, without a zone."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():  # it imports modules of Python that are on their way out
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx  # 17 s: only a run that checks pays for it
        from great_expectations.data_context.types.base import ProgressBarsConfig
    import pandas as pd

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    batch = (
        context.data_sources.add_pandas("landed")
        .add_dataframe_asset("rows")
        .add_batch_definition_whole_dataframe("all")
        .get_batch({"dataframe": _without_zones(rows) if isinstance(rows, pl.DataFrame) else pd.DataFrame(list(rows))})
    )
    suite = gx.ExpectationSuite(name="landed", expectations=expected(gx.expectations))
    return [_sentence(result) for result in batch.validate(suite).results if not result.success]


def _without_zones(rows: pl.DataFrame) -> Any:
    """The frame for pandas, which warns of what the library does with zoned columns."""
    return rows.with_columns(cs.datetime().dt.replace_time_zone(None)).to_pandas()


def _sentence(result: Any) -> str:
    """What was looked at, what was expected, and up to twenty values that are not so."""
    told = result.expectation_config
    about = [str(told.kwargs[name]) for name in ("column", "column_A", "column_B") if name in told.kwargs]
    limits = {k: v for k, v in told.kwargs.items() if k not in ("batch_id", "column", "column_A", "column_B")}
    seen = result.result.get("partial_unexpected_list", result.result.get("observed_value"))
    infos = result.exception_info
    raised = [
        i["exception_message"] for i in [infos, *infos.values()] if isinstance(i, dict) and i.get("raised_exception")
    ]
    wanted = ", ".join(f"{key}={value}" for key, value in limits.items() if value is not None)
    return f"{' and '.join(about) or 'rows'}: {'; '.join(raised) or seen}, {told.type} ({wanted})"
