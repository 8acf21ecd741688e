"""The stand-in as a process of its own: started, opened, killed, started again, told to stop."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests
from tiny_app import CLIENT_ID, SECRET, TinyApp

SAMPLE = "thistle-and-quire.myshopify.com"
QUIET = "quiet-corner.myshopify.com"


class Process:
    """One run of the command."""

    def __init__(self, state, app, *more):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.origin = app.origin = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "sandbox.shopify", "--port", str(port), "--state", str(state)]
        command += ["--app-url", app.url, "--client-id", CLIENT_ID, "--customers", "30", *more]
        command += ["--config", str(state.with_name("no.toml"))]  # all topics, wherever the app keeps its own
        environment = os.environ | {"SANDBOX_CLIENT_SECRET": SECRET}
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.process.stderr.read()
            try:
                self.health = requests.get(f"{self.origin}/_health", timeout=5).json()
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the stand-in does not answer")

    def deed(self, name, **arguments):
        answer = requests.post(f"{self.origin}/_deeds/{name}", json={"shop": SAMPLE} | arguments, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def end(self, number):
        """Send a signal; return how long it took and what it ended with."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(10)
        with self.process.stderr as stream:
            self.said = stream.read()
        return time.monotonic() - began, code


def wait_until(true, seconds=20):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def app():
    app = TinyApp()
    yield app
    app.stop()


@pytest.fixture
def run(app):
    """Starts the command; what a failed test left running is killed."""
    started = []

    def start(state, *more):
        started.append(Process(state, app, *more))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


def test_a_killed_stand_in_goes_on_where_it_was(tmp_path, app, run):
    state = tmp_path / "home" / "sandbox.sqlite"
    first = run(state, "--open", "--time-scale", "0.0005")
    assert first.health["shops"] == [QUIET, SAMPLE]
    wait_until(lambda: SAMPLE in app.tokens)
    access = app.tokens[SAMPLE]["access_token"]
    app.answer = 500
    name = first.deed("place_order")["name"]
    wait_until(lambda: app.attempts)
    first.end(signal.SIGKILL)

    app.answer = 200
    second = run(state)
    app.wait_for("orders/create")
    assert second.deed("place_order")["name"] == f"#{int(name[1:]) + 1}"
    answer = requests.post(
        f"{second.origin}/admin/api/2026-10/graphql.json",
        json={"query": "{ shop { name } }"},
        headers={"X-Shopify-Access-Token": access},
        timeout=10,
    )
    assert answer.json()["data"]["shop"]["name"]


def test_it_ends_at_once_when_told_and_says_little(tmp_path, run):
    state = tmp_path / "sandbox.sqlite"
    process = run(state, "--fresh")
    requests.post(f"{process.origin}/_faults", json={"kind": "latency", "seconds": 30}, timeout=5)
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{process.origin}/admin/oauth/access_token", data={}, timeout=0.3)
    seconds, code = process.end(signal.SIGTERM)
    assert (seconds < 2, code) == (True, 0)
    assert process.origin in process.said
    assert SECRET not in process.said
    assert len(process.said.splitlines()) <= 3
