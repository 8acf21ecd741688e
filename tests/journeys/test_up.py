"""`kindred up` as a person sees it: one command, a store that is read before one's eyes, one Ctrl-C."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import rmtree

import psutil
import pytest
from patience import eventually
from places import quickest_folder
from stack import SAMPLE, ask

from shop_app.embedded import postgres, processes, servers
from shop_app.embedded.home import Home

KINDRED = [sys.executable, "-m", "shop_app.cli.main"]
CHILDREN = {"stand-in Shopify", "stand-in Klaviyo", "web server", "worker", "worker for whole shops", "clock"}


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
    folder = Path(tempfile.mkdtemp(prefix="kindred-", dir=quickest_folder()))
    home = Home(folder / "home")
    yield home
    servers.stop_unused(home, say=print)
    rmtree(folder, ignore_errors=True)


@pytest.fixture
def environment(home):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    names = (
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "APP_URL",
        "KINDRED_KEYS",
        "KINDRED_HASH_KEY",
        "KLAVIYO_ORIGIN",
    )
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in names and not name.startswith("SHOPIFY_")
    }
    return {**kept, "KINDRED_HOME": str(home.root), "PORT": str(port)}


@pytest.fixture
def up(environment, tmp_path):
    """Start `kindred up` with a small sample store; its words go to a file."""
    said = (tmp_path / "said").open("w+")
    process = subprocess.Popen([*KINDRED, "up", "--customers=60"], env=environment, stdout=said, stderr=said)
    process.said = lambda: Path(said.name).read_text()
    yield process
    process.terminate()
    process.wait(60)
    said.close()


def kindred(environment, *words):
    ended = subprocess.run([*KINDRED, *words], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def orders_of(environment, customer):
    story = json.loads(kindred(environment, "customer", customer, "--shop", SAMPLE, "--json"))
    return story["order_count"]


def test_up_reads_the_sample_store_follows_it_survives_killed_parts_and_leaves_nothing_behind(
    home, environment, up
):
    port = int(environment["PORT"])
    eventually(lambda: f"Look at http://127.0.0.1:{port}/" in up.said() or up.poll() is not None, 90)
    assert answer(port, "/healthz") == 200, up.said()
    page = f"http://127.0.0.1:{port}/"
    eventually(lambda: "<title>Segments" in (ask(page)[1] or ""), 90)

    admin = re.search(r"stand-in Shopify admin is at (http://127\.0\.0\.1:[0-9]+)/", up.said())[1]
    customers = json.loads(ask(f"{admin}/_store/{SAMPLE}/customer?limit=5")[1])
    buyer = next(each for each in customers if each["email"])
    before = orders_of(environment, buyer["email"])
    assert ask(f"{admin}/_deeds/place_order", {"shop": SAMPLE, "customer_id": buyer["id"]})[0] == 200
    eventually(lambda: orders_of(environment, buyer["email"]) == before + 1)

    klaviyo = re.search(r"stand-in Klaviyo account is at (http://127\.0\.0\.1:[0-9]+)/", up.said())[1]
    key = re.search(r"private key to it, good for nothing else: (pk_\w+)", up.said())[1]
    people = eventually(lambda: json.loads(ask(f"{klaviyo}/_store/profile")[1]))
    assert {one["email"] for one in people} & {each["email"] for each in customers}
    signed = {"Authorization": f"Klaviyo-API-Key {key}", "revision": "2026-07-15", "Accept": "application/json"}
    assert ask(f"{klaviyo}/api/accounts", headers=signed)[0] == 200

    second = subprocess.run([*KINDRED, "up"], env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"look at http://127.0.0.1:{port}/ (process {up.pid})" in second.stderr
    kindred(environment, "doctor")

    children = processes.recall(home.run / "children.json")
    assert set(children) == CHILDREN
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
