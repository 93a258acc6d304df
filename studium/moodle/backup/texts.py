"""Moodle's texts made readable outside Moodle: its formats become HTML, its link tokens become addresses."""

import html
import re
from dataclasses import dataclass
from urllib.parse import quote

import markdown  # type: ignore[import-untyped]  # its stubs are no dependency of ours

TOKEN = re.compile(r"\$@([A-Z0-9_]+)((?:\*[^*@$\s]*)*)@\$")
PLUGIN_FILE = "@@PLUGINFILE@@"
PLAIN, MARKDOWN, AUTOMATIC = "2", "4", "0"

PATHS = {
    "COURSEVIEWBYID": "/course/view.php?id={}",
    "COURSESECTIONBYID": "/course/section.php?id={}",
    "GRADEINDEXBYID": "/grade/index.php?id={}",
    "GRADEREPORTINDEXBYID": "/grade/report/index.php?id={}",
    "BADGESVIEWBYID": "/badges/index.php?type=2&id={}",
    "USERINDEXVIEWBYID": "/user/index.php?id={}",
    "PLUGINFILEBYCONTEXT": "/pluginfile.php/{}",
    "BOOKVIEWBYIDCH": "/mod/book/view.php?id={}&chapterid={}",
    "BOOKVIEWBYBCH": "/mod/book/view.php?b={}&chapterid={}",
    "FORUMDISCUSSIONVIEW": "/mod/forum/discuss.php?d={}",
    "FORUMDISCUSSIONVIEWPARENT": "/mod/forum/discuss.php?d={}&parent={}",
    "FORUMDISCUSSIONVIEWINSIDE": "/mod/forum/discuss.php?d={}#{}",
    "GLOSSARYSHOWENTRY": "/mod/glossary/showentry.php?eid={}",
}
"""Tokens that do not follow the rule of the modules' own pages (`_path`)."""


@dataclass(frozen=True)
class Place:
    """Where a text's embedded files hang: `@@PLUGINFILE@@` stands for it."""

    context_id: int | None
    component: str
    area: str
    item_id: int | None = None

    def url(self, wwwroot: str, path: str = "") -> str:
        """The address of the place, or of a file in it."""
        item = "" if self.item_id is None else f"/{self.item_id}"
        return f"{wwwroot}/pluginfile.php/{self.context_id}/{self.component}/{self.area}{item}{quote(path)}"


def to_html(text: str | None, text_format: str | None) -> str:
    """A text of any of Moodle's formats as HTML."""
    if not text:
        return ""
    if text_format == MARKDOWN:
        return str(markdown.markdown(text, extensions=["tables", "fenced_code"]))
    if text_format == PLAIN or (text_format == AUTOMATIC and not re.search(r"<[a-zA-Z/]", text)):
        paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
        return "".join(f"<p>{html.escape(p, quote=False).replace(chr(10), '<br>')}</p>" for p in paragraphs)
    return text


def with_links(text: str, wwwroot: str, course_id: int, place: Place | None = None) -> str:
    """Put addresses where a backup keeps tokens; a token nobody knows leads to the course."""

    def address(match: re.Match[str]) -> str:
        name, arguments = match[1], [quote(a, safe="") for a in match[2].split("*")[1:]]
        encoded = name.endswith("URLENCODED")
        path = _path(name.removesuffix("URLENCODED"), arguments) or f"/course/view.php?id={course_id}"
        return quote(wwwroot + path, safe="") if encoded else wwwroot + path

    if place is not None and place.context_id is not None:
        text = text.replace(PLUGIN_FILE, place.url(wwwroot))
    return TOKEN.sub(address, text)


def _path(name: str, arguments: list[str]) -> str | None:
    if (template := PATHS.get(name)) is not None:
        return template.format(*arguments) if template.count("{}") <= len(arguments) else None
    if arguments and (match := re.fullmatch(r"([A-Z0-9_]+?)VIEWBY(ID|[A-Z])", name)):
        return f"/mod/{match[1].lower()}/view.php?{match[2].lower()}={arguments[0]}"
    if arguments and (match := re.fullmatch(r"([A-Z0-9_]+?)INDEX", name)):
        return f"/mod/{match[1].lower()}/index.php?id={arguments[0]}"
    return None


def is_blank(text: str) -> bool:
    """Whether there is nothing to read in a piece of HTML."""
    return not html.unescape(re.sub(r"<!--.*?-->|<[^>]*>", " ", text, flags=re.DOTALL)).strip("\xa0 \t\r\n\u200b")
