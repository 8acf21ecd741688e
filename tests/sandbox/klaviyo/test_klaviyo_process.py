"""The stand-in as a program of its own, beside the one for Shopify."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from klaviyo_account import HEADERS
from patience import eventually

ROOT = Path(__file__).resolve().parents[3]
KEY = "pk_for_this_test_alone"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ask(url, key=KEY):
    sent = urllib.request.Request(url, headers=HEADERS | {"Authorization": f"Klaviyo-API-Key {key}"})
    try:
        with urllib.request.urlopen(sent, timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


@pytest.fixture
def started(tmp_path):
    """Start programs; end them with the test."""
    running = []

    def start(module, *words, **environment):
        command = [sys.executable, "-m", module, *words]
        log = (tmp_path / f"{module}.log").open("ab")
        process = subprocess.Popen(
            command, cwd=ROOT, env={"PATH": "/usr/bin:/bin"} | environment, stdout=log, stderr=log
        )
        log.close()
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait(10)


def test_it_takes_the_people_of_a_store_beside_it_and_keeps_them(tmp_path, started):
    shop_port, port = free_port(), free_port()
    shop, origin = f"http://127.0.0.1:{shop_port}", f"http://127.0.0.1:{port}"
    words = [f"--port={port}", f"--state={tmp_path / 'klaviyo.sqlite'}", f"--shopify-origin={shop}"]
    klaviyo = started("sandbox.klaviyo", *words, SANDBOX_KLAVIYO_KEY=KEY)
    eventually(lambda: ask(f"{origin}/api/accounts"))
    assert ask(f"{origin}/_store/profile") == []
    started(
        "sandbox.shopify",
        *(f"--port={shop_port}", f"--state={tmp_path / 'stores.sqlite'}", "--app-url=http://127.0.0.1:9"),
        *("--client-id=app", "--customers=50"),
        SANDBOX_CLIENT_SECRET="hush",
    )
    eventually(lambda: ask(f"{origin}/_store/profile"), seconds=60)
    people = ask(f"{origin}/_store/profile")
    store = {one["email"] for one in ask(f"{shop}/_store/thistle-and-quire.myshopify.com/customer")}
    assert len({one["email"] for one in people} & store) > 30
    klaviyo.send_signal(signal.SIGTERM)
    assert klaviyo.wait(10) == 0
    started("sandbox.klaviyo", *words, SANDBOX_KLAVIYO_KEY=KEY)
    eventually(lambda: ask(f"{origin}/api/accounts"))
    assert ask(f"{origin}/_store/profile") == people
    assert [one["name"] for one in ask(f"{origin}/_keys")] == ["Ready-made key"]


def test_it_begins_anew_when_told_and_says_why_it_cannot_listen(tmp_path, started):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        words = [f"--port={busy}", f"--state={tmp_path / 'klaviyo.sqlite'}", "--fresh"]
        assert started("sandbox.klaviyo", *words).wait(20) == 1
    assert f"Cannot listen on 127.0.0.1:{busy}" in (tmp_path / "sandbox.klaviyo.log").read_text()
