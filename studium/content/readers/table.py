"""Tables as lines that can be read, found and quoted alone."""

from lxml import html as lxml_html
from lxml.html import HtmlElement

from studium.content.readers.clean import clean_line


def table_rows(markup: str) -> list[str]:
    """A table's rows as lines that can be read alone: each cell under its column's name."""
    table = lxml_html.fragment_fromstring(markup)
    return label_rows([_cells(row) for row in table.iter("tr")])


def _cells(row: HtmlElement) -> list[str]:
    return [clean_line(" ".join(cell.itertext())) for cell in row.iterchildren("td", "th")]


def label_rows(rows: list[list[str]]) -> list[str]:
    """Rows of cells as text, the first row taken for names when it can be one."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return []
    names = rows[0]
    is_header = len(rows) > 1 and len(names) > 1 and all(names) and len(set(names)) == len(names)
    if not is_header or any(_is_number(name) for name in names):
        return [" | ".join(row) for row in rows]
    return [" | ".join(names), *(_labelled(row, names) for row in rows[1:])]


def _labelled(row: list[str], names: list[str]) -> str:
    cells = [f"{name}: {cell}" for name, cell in zip(names, row, strict=False) if cell]
    return "; ".join(cells + [cell for cell in row[len(names) :] if cell])


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").lstrip("-+$€£").rstrip("%").isdigit()
