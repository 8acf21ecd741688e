"""Homes of their own for tests that start, kill and stop servers."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from places import quickest_folder

from shop_app.embedded import processes, servers
from shop_app.embedded.accounts import server_account
from shop_app.embedded.home import Home
from shop_app.settings import Settings

STAY = """
import sys
from shop_app.embedded import servers
from shop_app.settings import Settings
with servers.running(Settings.from_env({"KINDRED_HOME": sys.argv[1]}), say=print) as settings:
    print("up", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def settings_of():
    """Settings that leave both servers to a home of ours."""
    return lambda home: Settings.from_env({"KINDRED_HOME": str(home.root)})


@pytest.fixture
def folder():
    """A folder with a short path that any account may pass through."""
    path = Path(tempfile.mkdtemp(prefix="kindred-", dir=quickest_folder()))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def home(folder):
    """A home that is stopped and gone afterwards, whatever the test did to it."""
    home = Home(folder / "home")
    yield home
    if home.run.is_dir():
        servers.stop_unused(home, say=print)


@pytest.fixture(scope="session")
def _used_once():
    """The files of a home whose servers ran and were stopped."""
    path = Path(tempfile.mkdtemp(prefix="kindred-", dir=quickest_folder()))
    path.chmod(0o755)
    with servers.running(Settings.from_env({"KINDRED_HOME": str(path / "home")}), say=print):
        pass
    yield path / "home"
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def used(home, _used_once):
    """Let the home be one whose servers ran before: to make a database takes longer than most tests."""
    subprocess.run(["cp", "-a", str(_used_once), str(home.root)], check=True)


@pytest.fixture
def staying():
    """Start another process that uses a home's servers until its input ends."""
    started = []

    def start(home):
        process = subprocess.Popen(
            [sys.executable, "-c", STAY, str(home.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def as_ordinary_user():
    """Run a script as an account that is not root, where we are root and could not otherwise tell."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another account; the other tests run as an ordinary user already")
    python = Path(sys.executable).resolve()
    account = server_account(Path("/nowhere"), python.parent)

    def run(script, *arguments):
        return subprocess.run(
            processes.launched([sys.executable, "-c", script, *arguments], account=account),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd="/",
            env={**os.environ, "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"},
        )

    run.uid, run.gid = account.uid, account.gid
    return run
