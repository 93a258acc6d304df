"""Pictures and sounds of cards: kept once each in the object store, shown under addresses of ours."""

import mimetypes
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import unquote
from uuid import UUID

from obstore.store import ObjectStore
from psycopg import Connection

from studium.content.catalogue import StoredFile
from studium.learning.anki.archive import OpenPackage
from studium.storage import get, put_content

ADDRESS = "/api/v1/card-media/"
PREFIX = "card-media"
KINDS = ("image/", "audio/", "video/")
LONGEST_NAME = 255
NAMED = re.compile(
    r"""\bsrc="([^"]{1,900})"|\bsrc='([^']{1,900})'|\bsrc=([^\s"'>]{1,900})|\[sound:([^\]]{1,300})\]""", re.IGNORECASE
)

KEEP = """
insert into app.anki_media (account_id, name, media_type, byte_size, object_path)
values (%(account)s, %(name)s, %(media_type)s, %(byte_size)s, %(object_path)s)
on conflict (account_id, name) do nothing
"""
READ = "select name, media_id, object_path from app.anki_media where account_id = %s"


@dataclass(frozen=True)
class MediaTaken:
    """What became of a package's media: new names of those whose own was another's, and how many were new."""

    renamed: dict[str, str]
    added: int
    left_out: int


def addresses(connection: Connection, account_id: UUID) -> dict[str, str]:
    """Where each of one's media is shown, by name."""
    return {name: f"{ADDRESS}{media_id}" for name, media_id, _ in connection.execute(READ, [account_id])}


def take_media(connection: Connection, store: ObjectStore, account_id: UUID, package: OpenPackage) -> MediaTaken:
    """Keep the media of a package that can be shown."""
    here = {name: path for name, _, path in connection.execute(READ, [account_id])}
    renamed, rows, left, total = {}, [], 0, 0
    for name in package.media:
        media_type = mimetypes.guess_type(name)[0] or ""
        data = package.medium(name) if media_type.startswith(KINDS) and len(name) <= LONGEST_NAME else None
        total += len(data or b"")
        if data is None or total > package.limits.media_bytes:
            left += 1
            continue
        path = f"{PREFIX}/{account_id}/{sha256(data).hexdigest()}"
        kept_as = name
        if here.get(name, path) != path:
            kept_as = renamed[name] = _other_name(name, path)
        if kept_as not in here:
            put_content(store, f"{PREFIX}/{account_id}", data)
            here[kept_as] = path
            facts = {"account": account_id, "name": kept_as, "media_type": media_type}
            rows.append({**facts, "byte_size": len(data), "object_path": path})
    with connection.cursor() as cursor:
        cursor.executemany(KEEP, rows)
    return MediaTaken(renamed, len(rows), left)


def load_media(connection: Connection, store: ObjectStore, account_id: UUID, texts: Iterable[str]) -> dict[str, bytes]:
    """The media that `texts` name, to be taken along."""
    wanted = {unquote(unescape(name)) for text in texts for found in NAMED.findall(text) for name in found if name}
    found = connection.execute(READ, [account_id]).fetchall()
    return {name: get(store, path) for name, _, path in found if name in wanted}


def find_medium(connection: Connection, media_id: UUID) -> StoredFile | None:
    """A medium of the bound account's cards."""
    row = connection.execute(
        "select object_path, media_type, name from app.anki_media where media_id = %s", [media_id]
    ).fetchone()
    return StoredFile(row[0], row[1], row[2], row[2], None) if row else None


def by_name(html: str, media: Mapping[str, str]) -> str:
    """HTML as it is shown here, with media called by their names again."""
    for name, address in media.items():
        if address in html:
            html = html.replace(f'<audio controls="" src="{address}"></audio>', f"[sound:{name}]").replace(
                address, name
            )
    return html


def _other_name(name: str, path: str) -> str:
    end = PurePosixPath(name).suffix
    return f"{name.removesuffix(end)[: LONGEST_NAME - 30]}-{path[-12:]}{end}"
