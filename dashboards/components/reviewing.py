"""The table at which cards are reviewed: by keyboard, each rating one request from the browser to the API.

The page does not run again for a card; it does when the session is over, for what it shows around it.
"""

from pathlib import Path
from uuid import uuid4

import streamlit as st

from studium.wire.cards import DueCards

_HERE = Path(__file__)
_table = st.components.v2.component(
    "studium_review", css=_HERE.with_suffix(".css").read_text(), js=_HERE.with_suffix(".js").read_text()
)
SESSION = "review-session"
Filters = dict[str, str]


def begin(due: DueCards, filters: Filters) -> None:
    """Lay these cards on the table; what else is due by these filters follows."""
    st.session_state[SESSION] = {"session": str(uuid4()), "due": due.model_dump(mode="json"), "filter": filters}


def forget() -> None:
    """Clear the table, because there are other cards now."""
    st.session_state.pop(SESSION, None)


def is_begun(filters: Filters) -> bool:
    """Whether cards by these filters lie there, or have lain there until none was left."""
    return bool(st.session_state.get(SESSION, {}).get("filter") == filters)


def is_empty() -> bool:
    """Whether nothing was laid there."""
    return not st.session_state[SESSION]["due"]["cards"]


def table() -> None:
    """The cards, one after another."""
    _table(key="studium_review", data=st.session_state[SESSION], on_done_change=lambda: None)
