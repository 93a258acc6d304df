"""How rows reach the marts: a run that brings some in without building the warehouse asks for a build, once for all."""

import dagster as dg
from psycopg import Connection

from studium import work

WAREHOUSE = "warehouse"
"""The step that builds the marts (assets/warehouse.py, which takes seconds to import)."""


def ask_for_figures(context: dg.AssetExecutionContext, connection: Connection) -> None:
    """Let the marts follow what this transaction writes, unless a later step of the run sees to it.

    Call it last: who asks at the same time waits for the transaction's end.
    """
    if not context.op_execution_context.job_def.has_node_named(WAREHOUSE):
        work.submit(connection, "warehouse", {})
