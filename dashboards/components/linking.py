"""My own Moodle account, linked with the one here: what that is for, what is kept, making it and taking it back."""

from urllib.parse import urlsplit

import streamlit as st

from dashboards import api
from dashboards.components import frame, words
from studium.wire.links import LinkedMoodle, MoodleLink


def card() -> None:
    """The link with the university's Moodle, where there is one."""
    with frame.problems_in_words():
        link = api.moodle_link()
        if link.site_url is None:
            return
        host = urlsplit(link.site_url).netloc
        with frame.card("moodle"):
            frame.card_title("My Moodle account", purpose(link, host))
            if link.linked is not None:
                standing(link.linked, host)
            if link.linked is None or link.linked.refused_because:
                forms(host)


def purpose(link: MoodleLink, host: str) -> str:
    """What a link is for, here."""
    proof = f"Linking it proves to Studium who you are on {host}, and so which courses are yours."
    return f"{proof} They are then read as you see them there, by you alone." if link.reads_courses else proof


def standing(linked: LinkedMoodle, host: str) -> None:
    """As whom one is linked, and the way back."""
    zone = words.zone(api.me().timezone)
    with st.container(horizontal=True, vertical_alignment="center", key="row-moodle"):
        facts = [
            linked.username,
            f"linked on {words.day(linked.linked_at, zone)}",
            f"last used {words.clock(linked.last_used_at, zone)}",
        ]
        frame.file_row(linked.full_name, facts, None)
        if linked.refused_because:
            st.badge("Refused", icon=":material/link_off:", color="red")
        else:
            st.badge("Linked", icon=":material/check:", color="green")
        with st.popover("Unlink", icon=":material/link_off:", type="tertiary"):
            st.write(
                "Studium forgets its key to your Moodle account at once. What it read with it is no longer shown; "
                "nothing is lost, and that your courses are yours stays."
            )
            if st.button("Unlink it", key="unlink-moodle", type="primary"):
                with frame.problems_in_words():
                    api.unlink_moodle()
                    st.rerun()
    if linked.refused_because:
        why = linked.refused_because.rstrip(".")
        st.warning(
            f"{host} no longer takes this link: {why}. Link your account again to go on; nothing that is here is lost.",
            icon=":material/link_off:",
        )


def forms(host: str) -> None:
    """The two ways to link: what one signs in to Moodle with, or a token."""
    by_password, by_token = st.tabs(["User name and password", "Token"])
    with by_password, st.form("moodle-password", clear_on_submit=True, border=False):
        username = st.text_input(f"User name on {host}", max_chars=100, autocomplete="off")
        # a browser must not offer the password of this page, which is another
        password = st.text_input(f"Password on {host}", type="password", max_chars=1024, autocomplete="new-password")
        st.caption(
            "Your password is sent to Moodle once and is not kept. Moodle gives a token for it; that is kept encrypted."
        )
        if st.form_submit_button("Link my Moodle", type="primary", icon=":material/link:"):
            _link({"username": username.strip(), "password": password}, "Enter your user name and your password.")
    with by_token, st.form("moodle-token", clear_on_submit=True, border=False):
        token = st.text_input("Token", type="password", max_chars=200, autocomplete="off")
        st.caption(
            "In Moodle, under Preferences, Security keys: the key of the mobile web service. It is kept encrypted. "
            "Who signs in to Moodle through another page needs this way."
        )
        if st.form_submit_button("Link my Moodle", type="primary", icon=":material/link:"):
            _link({"token": token.strip()}, "Paste your token.")


def _link(said: dict[str, str], missing: str) -> None:
    if not all(said.values()):
        st.warning(missing, icon=":material/edit:")
        return
    with frame.problems_in_words():
        with st.spinner("Asking Moodle"):
            api.link_moodle(**said)
        st.rerun()
