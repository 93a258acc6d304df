"""The warehouse: how dbt is called with the installation's own database, and where what it leaves is found.

No SQL of the warehouse stands here (dbt/), and nothing of Dagster (assets/warehouse.py).
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from studium.database.pool import Role, connect, conninfo
from studium.settings import Settings
from studium.storage import exists, get, open_store, put

PROJECT = Path(__file__).resolve().parents[1] / "dbt"
MANIFEST = PROJECT / "target" / "manifest.json"
EXECUTABLE = Path(sys.executable).with_name("dbt")
BUILD = ("build", "--exclude-resource-type", "unit_test")
"""Unit tests try rules on rows of their own; a build of people's data does without."""
BUILD_LOCK = 0x57A8_E405E
DOCS = "warehouse/docs.html"
DOCS_TELL = "warehouse/docs.sha256"
"""Of which sources the page at DOCS tells."""


class WarehouseError(RuntimeError):
    """dbt ended badly; the message carries what it said last."""


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The variables dbt/profiles.yml and dbt/models ask for, from the installation's own connection string."""
    parts = conninfo_to_dict(conninfo(settings, Role.PIPELINE))
    names = {
        "STUDIUM_DBT_HOST": "host",
        "STUDIUM_DBT_PORT": "port",
        "STUDIUM_DBT_USER": "user",
        "STUDIUM_DBT_DATABASE": "dbname",
        "STUDIUM_DBT_SSLMODE": "sslmode",
        "DBT_ENV_SECRET_STUDIUM_PASSWORD": "password",  # dbt keeps what is so named out of its logs
    }
    found = {variable: str(parts[name]) for variable, name in names.items() if parts.get(name)}
    return found | {"STUDIUM_DBT_SITE_TIMEZONE": settings.site_timezone}


@contextmanager
def in_dbt_environment(settings: Settings) -> Iterator[None]:
    """This process's environment with the variables of `dbt_environment`, for callers of dbt that hand theirs on."""
    before = os.environ.copy()
    os.environ.update(dbt_environment(settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def only_builder(settings: Settings) -> Iterator[None]:
    """Waits until no other process builds this warehouse: two builds at once would swap each other's tables away."""
    with connect(settings, Role.PIPELINE, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [BUILD_LOCK])
        yield


def _run(arguments: Sequence[str], target: Path, environment: dict[str, str]) -> str:
    command = [str(EXECUTABLE), "--no-use-colors", *arguments, "--project-dir", str(PROJECT)]
    command += ["--profiles-dir", str(PROJECT), "--target-path", str(target), "--log-path", str(target)]
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_VERSION_CHECK": "false"}
    done = subprocess.run(command, env=os.environ | quiet | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
        raise WarehouseError(f"`dbt {' '.join(arguments)}` failed:\n{said}")
    return done.stdout


def target(settings: Settings) -> Path:
    """Where dbt leaves its artefacts and logs for this installation."""
    return settings.home / "dbt"


def build(settings: Settings, *arguments: str) -> str:
    """Build every table and run its tests; narrowed by arguments of dbt's own (`--select`, `--full-refresh`).

    Returns:
        What dbt printed.

    Raises:
        WarehouseError: a model could not be built or a test failed. Tables below it keep their last good rows.
    """
    with only_builder(settings):
        return _run([*BUILD, *arguments], target(settings), dbt_environment(settings))


def test_rules(settings: Settings) -> str:
    """Run the unit tests of the models' rules; needs a built warehouse, whose rows play no part."""
    with only_builder(settings):
        return _run(["test", "--select", "test_type:unit"], target(settings), dbt_environment(settings))


def _is_stale(manifest: Path) -> bool:
    if not manifest.is_file():
        return True
    made = manifest.stat().st_mtime
    return any(path.stat().st_mtime > made for path in _sources())


def _sources() -> Iterator[Path]:
    files = (path for path in PROJECT.rglob("*") if path.suffix in {".sql", ".yml", ".md", ".csv"})
    return (path for path in files if path.relative_to(PROJECT).parts[0] != "target")


def prepare_manifest() -> Path:
    """The manifest Dagster reads the warehouse's shape from; parsed first when it is missing or older than dbt/.

    Needs no database. `DbtProject.prepare_if_dev` would do it in `dagster dev` alone.
    """
    if _is_stale(MANIFEST):
        MANIFEST.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=MANIFEST.parent) as folder:
            _run(["parse"], Path(folder), {})
            (Path(folder) / MANIFEST.name).replace(MANIFEST)  # whole or not at all: several processes may be starting
    return MANIFEST


def refresh_docs(settings: Settings) -> bool:
    """Keep one HTML page with every model, column, test and the lineage, at DOCS; needs a built warehouse.

    Returns:
        Whether it was written; a page that tells of the same sources stays.
    """
    store, tells = open_store(settings), _fingerprint()
    if exists(store, DOCS_TELL) and get(store, DOCS_TELL) == tells:
        return False
    with only_builder(settings):
        _run(["docs", "generate", "--static"], target(settings), dbt_environment(settings))
    put(store, DOCS, target(settings) / "static_index.html")
    put(store, DOCS_TELL, tells)
    return True


def _fingerprint() -> bytes:
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(f"{path.relative_to(PROJECT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest().encode()
