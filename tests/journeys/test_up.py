"""`kindred up` as a person sees it: one process to start, a page to look at, one Ctrl-C to end it all."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import rmtree

import psutil
import pytest
from sqlalchemy import text

from shop_app.cli import session
from shop_app.embedded import postgres, processes, servers
from shop_app.embedded.home import Home
from shop_app.settings import Settings
from shop_app.storage import engine

KINDRED = [sys.executable, "-m", "shop_app.cli.main"]


def eventually(look, seconds=90):
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found


def answer(port, path):
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        page.request("GET", path)
        return page.getresponse().status
    except OSError:
        return None
    finally:
        page.close()


@pytest.fixture
def home():
    """A home with a shop in it already, so that no sample store is made."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-", dir="/tmp"))
    home = Home(folder / "home")
    settings = Settings.from_env({"KINDRED_HOME": str(home.root)})
    with servers.running(settings, say=print) as filled, session.connected(filled):
        session.bring_up_to_date(filled, may_migrate=True)
        with engine.shopless() as connection:
            connection.execute(text("INSERT INTO shops (domain) VALUES ('tea.example.com')"))
    yield home
    servers.stop_unused(home, say=print)
    rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(home):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "APP_URL", "KINDRED_KEYS", "KINDRED_HASH_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {**kept, "KINDRED_HOME": str(home.root), "PORT": str(port)}


@pytest.fixture
def up(environment, tmp_path):
    """Start `kindred up`; its words go to a file."""
    said = (tmp_path / "said").open("w+")
    process = subprocess.Popen([*KINDRED, "up"], env=environment, stdout=said, stderr=said)
    process.said = lambda: Path(said.name).read_text()
    yield process
    process.terminate()
    process.wait(60)
    said.close()


def test_up_serves_the_page_survives_killed_parts_and_leaves_nothing_behind(home, environment, up):
    port = int(environment["PORT"])
    eventually(lambda: f"Look at http://127.0.0.1:{port}/" in up.said() or up.poll() is not None)
    assert answer(port, "/healthz") == 200, up.said()
    eventually(lambda: len(processes.recall(home.run / "children.json")) == 3)

    second = subprocess.run([*KINDRED, "up"], env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"look at http://127.0.0.1:{port}/ (process {up.pid})" in second.stderr
    doctor = subprocess.run([*KINDRED, "doctor"], env=environment, capture_output=True, text=True, check=False)
    assert doctor.returncode == 0, doctor.stdout

    children = processes.recall(home.run / "children.json")
    children["web server"].signal(signal.SIGKILL)
    postgres.find(home).signal(signal.SIGKILL)
    eventually(lambda: "The web server ended (signal 9); starting it again." in up.said())
    eventually(lambda: answer(port, "/readyz") == 200)

    everybody = psutil.Process(up.pid).children(recursive=True)
    server = postgres.find(home)
    up.send_signal(signal.SIGINT)
    assert up.wait(60) == 130
    assert "Everything is stopped." in up.said()
    assert "Traceback" not in up.said()
    assert not server.is_alive()
    assert not [process for process in everybody if process.is_running()]
    assert answer(port, "/healthz") is None
