"""The child process: limited, replaced, alone."""

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from files import PROSE, pdf

from studium.content.records import Limits, Reason, UnreadableError
from studium.content.sandbox import Sandbox

ROOT = Path(__file__).parents[2]


def child_of(sandbox: Sandbox) -> psutil.Process:
    assert sandbox._child is not None
    return psutil.Process(sandbox._child.pid)


def reason(sandbox: Sandbox, data: bytes, name: str = "x.txt") -> Reason:
    with pytest.raises(UnreadableError) as caught:
        sandbox.parse(data, name)
    return caught.value.reason


def test_child_stays_warm_and_goes_with_its_sandbox() -> None:
    with Sandbox() as sandbox:
        sandbox.parse(pdf([PROSE]), "a.pdf")
        child = child_of(sandbox)
        folder = Path(child.cwd())
        sandbox.parse(pdf([PROSE]), "b.pdf")
        assert child_of(sandbox).pid == child.pid
        assert list(folder.iterdir()) == []
    assert not child.is_running()
    assert not folder.exists()


def test_file_that_needs_too_much_memory() -> None:
    limit = 400 * 1024**2
    with Sandbox(Limits(memory_bytes=limit)) as sandbox:
        assert reason(sandbox, b"a,b\n" * 4_900_000, "x.csv") is Reason.MEMORY
        assert 0 < sandbox.peak_bytes < limit
        assert sandbox.parse(pdf([PROSE]), "a.pdf").page_count == 1


def test_file_that_takes_too_long() -> None:
    with Sandbox(Limits(wall_seconds=0.001)) as sandbox:
        assert reason(sandbox, b"text") is Reason.TIMEOUT
        assert sandbox._child is None


def test_file_that_computes_too_long() -> None:
    with Sandbox(Limits(cpu_seconds=1)) as sandbox:
        assert reason(sandbox, b"[" * 100_000, "x.md") is Reason.TIMEOUT


def test_child_that_is_killed_is_replaced() -> None:
    with Sandbox() as sandbox:
        sandbox.parse(pdf([PROSE]), "a.pdf")
        child_of(sandbox).kill()
        assert sandbox.parse(pdf([PROSE]), "a.pdf").page_count == 1


def test_child_ends_with_whoever_started_it() -> None:
    code = (
        "import sys, time; from studium.content.sandbox import Sandbox; s = Sandbox(); s.parse(b'a,b', 'x.csv');"
        "print(s._child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        folder = Path(child.cwd())
        parent.kill()
    child.wait(10)
    assert not folder.exists()


def test_threads_take_turns() -> None:
    results: list[int | None] = []
    with Sandbox() as sandbox:
        threads = [
            threading.Thread(target=lambda: results.append(sandbox.parse(pdf([PROSE] * 2), "a.pdf").page_count))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [2, 2, 2, 2]


GUARDED = """
import os, socket, subprocess, sys
from pathlib import Path
from studium.content.child import Guard
guard = Guard(Path.cwd())
guard.armed = True
{attempt}
guard.armed = False
print("done")
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "subprocess.run(['ls'])",
        "os.system('ls')",
        "open('../outside', 'w')",
        "open('/tmp/studium-outside', 'ab')",
        "os.open('/tmp/studium-outside', os.O_CREAT | os.O_RDWR)",
        "os.symlink('/etc', 'link'); open('link/studium', 'w')",
    ],
)
def test_reader_may_not(attempt: str, tmp_path: Path) -> None:
    done = guarded(attempt, tmp_path)
    assert "PermissionError" in done.stderr
    assert not Path("/tmp/studium-outside").exists()


@pytest.mark.parametrize(
    "attempt", ["open('inside', 'w').close()", "open('/etc/hostname').close()", "open(os.devnull, 'w').close()"]
)
def test_reader_may(attempt: str, tmp_path: Path) -> None:
    assert guarded(attempt, tmp_path).stdout == "done\n"


def guarded(attempt: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", GUARDED.format(attempt=attempt)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=False,
    )


OFFLINE = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname") and arguments[-1:] != ("",):
        raise SystemExit(f"calls out: {event} {arguments}")
sys.addaudithook(refuse)
sys.path.insert(0, "tests/content")
from files import docx, page_image, pdf, pptx, PROSE
from studium.content.embed import open_named
from studium.content.sandbox import Sandbox
with Sandbox() as sandbox:
    files = {"a.docx": docx(), "a.pptx": pptx(), "a.pdf": pdf([PROSE]), "a.html": b"<p>A sentence is here.</p>",
             "a.md": b"# Head\\n\\nText.", "a.txt": PROSE.encode(), "a.csv": b"a,b"}
    for name, data in files.items():
        assert sandbox.parse(data, name).elements, name
assert len(open_named("minilm").embed_query("text")) == 384
print("offline")
"""


def test_reading_and_embedding_call_nobody() -> None:
    """The child refuses sockets by itself (its guard); this refuses them to the process that embeds."""
    done = subprocess.run([sys.executable, "-c", OFFLINE], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.stdout, done.returncode) == ("offline\n", 0), done.stderr
