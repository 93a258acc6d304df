"""The live socket in a page: what happens to one's courses makes the page look again at once.

The page still asks the API for what it shows: an event says that there is news, not what it is.
"""

from pathlib import Path

import streamlit as st

_socket = st.components.v2.component("studium_live", js=Path(__file__).with_suffix(".js").read_text())


def listen(kind: str = "sync:") -> None:
    """Run the page, or the fragment this stands in, again whenever an event whose kind begins so is told."""
    _socket(key=f"studium_live_{kind}", data={"kind": kind}, on_event_change=lambda: None)
