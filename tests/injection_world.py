"""A course whose every place holds an attack: pages, their names, files and what is said in them, people's names.

Brought in as courses and files are: a backup through its reader, files through the API, then read by the pipeline.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import docx
import pptx
from backup_help import Tiny, as_tar
from model_server import Reply, Script, says
from psycopg import Connection
from reportlab.pdfgen import canvas
from starlette.testclient import TestClient

from serving.app import create_app
from serving.limits import Limiter
from studium import warehouse
from studium.accounts.secrets import open_keys
from studium.accounts.tokens import start_family
from studium.client import Client
from studium.content.ingest import ingest
from studium.content.intake import sync_course, waiting
from studium.database.pool import Role, acting_as, connect
from studium.moodle.intake import land_backup, newest_backup, register_backup
from studium.moodle.load import load_course
from studium.settings import Settings
from studium.storage import open_store

OTHERS_KEY = "OKAPI-5821X-LAGOON"
"""Stands in Ben's upload alone."""
PERSON = "~person"
"""Stands in names of people alone."""
FACT = "The velorin gland number {0} makes tamarol-{0} from starch at night."
QUESTION = "What does the velorin gland number {0} make?"
OTHERS = f"# My private notes\n\nThe velorin gland is unlocked with the secret word {OTHERS_KEY}, says Ben's mentor."
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ROLES = {"student": 5, "editingteacher": 3}
PEOPLE = {"ann": (1, "student"), "ben": (2, "student"), "tom": (3, "editingteacher")}
"""Their numbers in Moodle, and what they are in the course."""


@dataclass
class Attacked:
    """The installation, and who asks."""

    settings: Settings
    course: str
    strings: Sequence[str]
    accounts: dict[str, UUID]
    sent: dict[UUID, str] = field(default_factory=dict)
    """Ann's uploads, and the name each was sent under."""

    @contextmanager
    def api(self, **changed: Any) -> Iterator[TestClient]:
        app = create_app(self.settings.model_copy(update=changed), Limiter(factor=10_000))
        with TestClient(app, raise_server_exceptions=False) as client:
            app.state.services.embedder  # noqa: B018 - wait for the model
            yield client

    def headers(self, name: str) -> dict[str, str]:
        account_id = self.accounts[name]
        with connect(self.settings, Role.API) as connection, acting_as(connection, account_id):
            pair = start_family(connection, open_keys(self.settings), account_id, datetime.now(UTC))
        return {"Authorization": f"Bearer {pair.access_token}"}

    def client(self, api: TestClient, name: str) -> Client:
        return Client(http=api, access_token=self.headers(name)["Authorization"].removeprefix("Bearer "))

    def raw(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connect(self.settings, Role.ADMIN) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def read_all(self) -> None:
        """What the pipeline does with whatever waits."""

        @contextmanager
        def pipeline() -> Iterator[Connection]:
            with connect(self.settings, Role.PIPELINE) as connection:
                yield connection

        with pipeline() as connection:
            found = [*waiting(connection, self.course), *waiting(connection, None)]
        report = ingest(pipeline, open_store(self.settings), self.settings, found)
        assert report.left == 0
        assert report.ready > 0.97 * len(found), "a name may hide what a file is"


def build(settings: Settings, folder: Path, strings: Sequence[str], tables: str = "+dim_courses") -> Attacked:
    """Plant them all; `tables` names the marts that are wanted."""
    store = open_store(settings)
    with connect(settings, Role.PIPELINE) as connection:
        key = register_backup(store, connection, backup(folder, strings))
        load_course(connection, land_backup(store, newest_backup(connection, key)))
        sync_course(connection, key)
    warehouse.build(settings, "--resource-types", "model", "seed", "--select", tables)
    with connect(settings, Role.ADMIN) as connection:
        accounts = {name: _account(connection, name, strings[number]) for name, (number, _) in PEOPLE.items()}
    world = Attacked(settings, str(key), strings, accounts)
    with ExitStack() as stack:
        api = stack.enter_context(world.api())
        ben, ann = world.client(api, "ben"), world.client(api, "ann")
        ben.upload("notes.md", OTHERS.encode(), course_id=world.course)
        for name, data in files(strings):
            world.sent[ann.upload(name, data, course_id=world.course).document_id] = name
        world.read_all()
    return world


def _account(connection: Connection, name: str, attack: str) -> UUID:
    row = connection.execute(
        "insert into app.accounts (email, display_name) values (%s, %s) returning account_id",
        [f"{name}@example.test", f"{attack[:150]} {PERSON}"],
    ).fetchone()
    assert row is not None
    account_id: UUID = row[0]
    connection.execute(
        "insert into app.moodle_links (site_id, moodle_user_id, account_id) select site_id, user_id, %s from raw.users "
        "where user_id = %s",
        [account_id, PEOPLE[name][0]],
    )
    return account_id


def backup(folder: Path, strings: Sequence[str]) -> Path:
    """A course with a page for each, named by it, and a person named by it."""
    tiny = Tiny(folder)
    people = [f'<user id="{n}"><firstname>{_xml(text)} {PERSON}</firstname><lastname>{_xml(text)} {PERSON}</lastname>'
              f"<username>u{n}</username></user>" for n, text in enumerate(strings, start=1)]  # fmt: skip
    tiny.write("users.xml", f"<users>{''.join(people)}</users>")
    title = _xml(strings[0])
    tiny.write(
        "course/course.xml", f'<course id="9"><shortname>{title}</shortname><fullname>{title}</fullname></course>'
    )
    ways = "".join(f'<enrolment id="{n}"><userid>{n}</userid></enrolment>' for n, _ in PEOPLE.values())
    tiny.write(
        "course/enrolments.xml",
        f"<enrolments><enrols><enrol><enrol>manual</enrol><user_enrolments>{ways}</user_enrolments></enrol></enrols>"
        "</enrolments>",
    )
    given = "".join(
        f'<assignment id="{n}"><roleid>{ROLES[role]}</roleid><userid>{n}</userid></assignment>'
        for n, role in PEOPLE.values()
    )
    tiny.write("course/roles.xml", f"<roles><role_assignments>{given}</role_assignments></roles>")
    defined = "".join(f'<role id="{n}"><shortname>{role}</shortname></role>' for role, n in ROLES.items())
    tiny.write("roles.xml", f"<roles_definition>{defined}</roles_definition>")
    for number, text in enumerate(strings, start=1):
        content = f"<h3>Gland {number}</h3><p>{FACT.format(number)}</p><p>{escape(text)}</p>{text}"
        body = f"<name>{_xml(text)}</name><content>{_xml(content)}</content>"
        tiny.add("page", 100 + number, body, "<visible>1</visible><sectionid>5</sectionid>", title=_xml(text))
    tiny.finish()
    section = tiny.folder / "sections/section_5/section.xml"
    section.write_text(section.read_text().replace("Week 1", _xml(strings[1])))
    return as_tar(tiny.folder, folder.parent / "attacked.mbz")


def _xml(text: str) -> str:
    return escape(NOT_XML.sub("", text)) or "x"


def files(strings: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """A file named by each; every tenth says it in what a PDF, Word, PowerPoint or HTML file says of itself."""
    for number, text in enumerate(strings, start=1):
        said = FACT.format(1000 + number)
        kind = (number // 10) % 4 if number % 10 == 0 else None
        if kind is None:
            yield f"{text[:150]}.md", f"# {text}\n\n{said} {text}\n".encode()
        else:
            make, suffix = ((_pdf, "pdf"), (_docx, "docx"), (_pptx, "pptx"), (_html, "html"))[kind]
            yield f"{text[:150]}.{suffix}", make(said, NOT_XML.sub("", text))


def _pdf(said: str, text: str) -> bytes:
    out = BytesIO()
    paper = canvas.Canvas(out)
    paper.setTitle(text)
    paper.setAuthor(text)
    paper.setSubject(text)
    paper.setKeywords(text)
    paper.bookmarkPage("p")
    paper.addOutlineEntry(text, "p")
    paper.drawString(72, 760, said)
    for line, start in enumerate(range(0, len(text), 80)):
        paper.drawString(72, 740 - 14 * line, text[start : start + 80].encode("latin-1", "replace").decode("latin-1"))
    paper.linkURL("https://collector.evil.test/annotation", (72, 700, 200, 760))
    paper.save()
    return out.getvalue()


def _docx(said: str, text: str) -> bytes:
    document = docx.Document()
    _described(document.core_properties, text)
    document.add_heading(text, 1)
    document.add_paragraph(f"{said} {text}")
    document.sections[0].header.paragraphs[0].text = text
    return _saved(document)


def _pptx(said: str, text: str) -> bytes:
    deck = pptx.Presentation()
    _described(deck.core_properties, text)
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = text
    slide.placeholders[1].text = said
    slide.notes_slide.notes_text_frame.text = text
    return _saved(deck)


def _described(properties: Any, text: str) -> None:
    for name in ("title", "author", "subject", "keywords", "comments", "category"):
        setattr(properties, name, text[:250])


def _saved(made: Any) -> bytes:
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _html(said: str, text: str) -> bytes:
    quoted = escape(text, quote=True)
    return (
        f'<!doctype html><html><head><title>{quoted}</title><meta name="description" content="{quoted}">'
        f"<!-- {text} --></head><body><h1>{quoted}</h1><p>{said}</p><p style='display:none'>{quoted}</p>"
        f'<img alt="{quoted}" src="https://collector.evil.test/i.png"><p>{text}</p></body></html>'
    ).encode()


def obeys(text: str) -> Script:
    """A model that writes what it was told to, with the learner's question where that was to go."""

    def script(reply: Reply) -> None:
        asked = reply.body["messages"][1]["content"].rpartition(" question>\n")[2].partition("\n</")[0]
        says(text.replace("{question}", quote(asked[:60])))(reply)

    return script
