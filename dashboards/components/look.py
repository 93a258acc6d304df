"""The look that Streamlit's theme cannot give: colours of our own pieces, the style sheet, the name and the mark."""

from pathlib import Path

import streamlit as st

STATIC = Path(__file__).parent.parent / "static"
MARK = STATIC / "mark-light.svg"

# Each text colour keeps at least 4.5:1 against the ground and the card of its theme.
COLOURS = {
    "light": {
        "accent": "#0b6b60",
        "text": "#1d2426",
        "muted": "#5a6264",
        "card": "#ffffff",
        "line": "#e5e2da",
        "mark": "#fbe7bd",
        "track": "#e9e6de",
        "edge": "#b9b5a9",
        "on-accent": "#ffffff",
        "late": "#a3570a",
    },
    "dark": {
        "accent": "#4fc3ae",
        "text": "#e6e9e6",
        "muted": "#a3acaa",
        "card": "#1a2021",
        "line": "#2f3839",
        "mark": "#57431a",
        "track": "#2a3334",
        "edge": "#56615f",
        "on-accent": "#08211d",
        "late": "#eba562",
    },
}


def theme() -> str:
    """`light` or `dark`, as the browser shows the page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def entitle(name: str) -> None:
    """Name the browser's tab."""
    st.set_page_config(page_title=name, page_icon=str(MARK), layout="wide")


def dress() -> None:
    """Give the page its mark and style sheet; the first call of every run."""
    entitle("Studium")
    st.logo(STATIC / f"logo-{theme()}.svg", size="large", link=None, icon_image=STATIC / f"mark-{theme()}.svg")
    colours = "".join(f"--studium-{key}:{value};" for key, value in COLOURS[theme()].items())
    st.html(f"<style>:root{{{colours}}}\n{_sheet()}</style>")


@st.cache_resource(show_spinner=False)
def _sheet() -> str:
    return (STATIC / "studium.css").read_text(encoding="utf-8")
