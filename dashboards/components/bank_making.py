"""New questions for a bank: made by Studium, written by hand, or from a file; and the bank as a file."""

import streamlit as st

from dashboards import api
from dashboards.components import bank_list, frame, words
from studium.client import ApiError
from studium.wire.question_bank import (
    BankAnswer,
    Difficulty,
    FileTrouble,
    Format,
    ImportedQuestions,
    NewBankQuestion,
    QuestionType,
)

FORMATS: dict[str, Format] = {"Moodle XML (says everything)": "moodle_xml", "GIFT (plain text)": "gift"}
LEVELS: tuple[Difficulty, ...] = ("easy", "medium", "hard")
KINDS: dict[str, QuestionType] = {
    "One right answer of several": "multichoice",
    "True or false": "truefalse",
    "A word or a few, typed": "shortanswer",
    "A number": "numerical",
}
NO_SECTION = "No section"


def make(course_id: str) -> None:
    """Have questions made of the course's pages."""
    frame.card_title(
        "Have some made",
        "Of the course\u2019s own pages, each with the words it rests on. Nobody is asked them before you agree.",
    )
    names = bank_list.topics(course_id)
    with st.form("make", border=False), st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        topic = st.selectbox("Section", [None, *names], format_func=lambda one: names.get(one, "The whole course"))
        level = st.selectbox("How hard", LEVELS, index=1)
        count = st.number_input("How many", 1, 20, 5)
        sent = st.form_submit_button("Make them", type="primary", icon=":material/auto_awesome:")
    if sent:
        with st.spinner("Reading the pages"):
            made = api.question_bank(course_id).make(topic_id=topic, difficulty=level, count=int(count))
        by = "by rule" if made.made_by == "rule" else f"by a model ({made.made_by})"
        told = (
            f"{words.count(len(made.question_ids), 'question')} made {by}, waiting for you above."
            if made.made_by
            else ""
        )
        st.session_state["bank-told"] = " ".join(filter(None, [told, made.notice]))
        st.rerun()
    if told := st.session_state.pop("bank-told", None):
        st.info(words.plain(told), icon=":material/info:")


def write(course_id: str) -> None:
    """A question by hand."""
    frame.card_title("Write one")
    kind = KINDS[st.selectbox("What is answered", list(KINDS), key="write-kind")]
    names = bank_list.topics(course_id)
    with st.form("write", border=False, clear_on_submit=False):
        text = st.text_area("The question", max_chars=4000)
        answers = _answers(kind)
        why = st.text_area("Said after any answer (optional)", max_chars=2000, height=80)
        topic = st.selectbox("Section", [None, *names], format_func=lambda one: names.get(one, NO_SECTION))
        sent = st.form_submit_button("Add it", type="primary", icon=":material/add:")
    if not sent:
        return
    if not text.strip() or not answers:
        st.warning("Write the question and its answer.", icon=":material/info:")
        return
    new = NewBankQuestion(
        qtype=kind, text=_escaped(text), answers=answers, general_feedback=_escaped(why), topic_id=topic
    )
    try:
        api.question_bank(course_id).add(new)
    except ApiError as error:
        st.error(words.plain(error.problem.detail or error.problem.title), icon=":material/error:")
        return
    st.session_state["bank-told"] = "The question is in use."
    st.rerun()


def _answers(kind: QuestionType) -> list[BankAnswer]:
    if kind == "truefalse":
        is_true = st.radio("That is", ["True", "False"], horizontal=True) == "True"
        return [BankAnswer(text="True", fraction=float(is_true)), BankAnswer(text="False", fraction=float(not is_true))]
    if kind == "numerical":
        right, off = (
            st.text_input("The number"),
            st.number_input("How far off is still right", min_value=0.0, value=0.0),
        )
        return [BankAnswer(text=right.strip(), fraction=1, tolerance=off)] if right.strip() else []
    if kind == "shortanswer":
        accepted = st.text_area("What is accepted, one a line (* stands for any letters)", max_chars=1000, height=80)
        return [BankAnswer(text=line.strip(), fraction=1) for line in accepted.splitlines() if line.strip()]
    right = st.text_input("The right answer", max_chars=500)
    wrong = st.text_area("Wrong answers, one a line", max_chars=2000, height=100)
    lines = [_escaped(line.strip()) for line in wrong.splitlines() if line.strip()]
    return [BankAnswer(text=_escaped(right), fraction=1), *(BankAnswer(text=one) for one in lines)] if right else []


def files(course_id: str) -> None:
    """Files in and out."""
    frame.card_title("Files", "Take in questions from Moodle or a text file, or have the questions in use as a file.")
    names = bank_list.topics(course_id)
    chosen = st.file_uploader("Moodle XML or GIFT", type=["xml", "txt", "gift"], key="bank-file")
    topic = st.selectbox(
        "They belong to", [None, *names], format_func=lambda one: names.get(one, NO_SECTION), key="bank-file-topic"
    )
    with st.container(horizontal=True, gap="small"):
        tries = st.button("See what is in it", icon=":material/search:", disabled=chosen is None, key="bank-try")
        takes = st.button(
            "Take it in", icon=":material/upload:", type="primary", disabled=chosen is None, key="bank-take"
        )
    if chosen and (tries or takes):
        try:
            told = api.question_bank(course_id).take_in(chosen.name, chosen.getvalue(), topic_id=topic, is_trial=tries)
        except ApiError as error:
            st.error(words.plain(error.problem.detail or error.problem.title), icon=":material/error:")
        else:
            _told(told)
    _out(course_id)


def _told(told: ImportedQuestions) -> None:
    would = "would be added" if told.is_trial else "added"
    already = f" {words.count(told.already, 'is', 'are')} in the bank already." if told.already else ""
    message = f"{words.count(told.added, 'question')} {would}.{already}"
    (st.info if told.is_trial else st.success)(message, icon=":material/info:")
    if told.troubles:
        _troubles(f"{words.count(len(told.troubles), 'question')} not taken", told.troubles)


def _troubles(title: str, troubles: list[FileTrouble]) -> None:
    st.warning(title, icon=":material/warning:")
    rows = [{"Line": one.line, "Question": one.name, "Why": one.sentence} for one in troubles]
    st.dataframe(rows, hide_index=True)


def _out(course_id: str) -> None:
    form = FORMATS[st.radio("As a file", list(FORMATS), key="bank-format", horizontal=True)]
    if st.button("Put the file together", icon=":material/download:", key="bank-out"):
        st.session_state["bank-written"] = api.question_bank(course_id).give_out(form)
    if written := st.session_state.get("bank-written"):
        label = f"Download {words.count(written.questions, 'question')}"
        st.download_button(
            label, written.content, written.filename, written.media_type, icon=":material/download:", on_click="ignore"
        )
        if written.left_out:
            _troubles("Not all of it can be said in this format", written.left_out)


def _escaped(text: str) -> str:
    """What is typed here is plain text; its lines stay lines."""
    escaped = text.strip().replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>")
