"""The intake behind a real gunicorn, with senders and a database that do not behave."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from deliveries import APP_URL, SECRET, Sender, an_id, headers, hosted_app, written
from patience import eventually
from sqlalchemy import create_engine, text
from stack import ask, free_port
from webhook_bodies import an_order_body

from shop_app import queueing
from shop_app.storage import engine

PROCFILE = Path(__file__).parents[2] / "Procfile"


@pytest.fixture(scope="module")
def gunicorn(settings, database):
    """The web process as the Procfile starts it; yields its port."""
    port = free_port()
    line = next(each for each in PROCFILE.read_text().splitlines() if each.startswith("web: "))
    words = line.removeprefix("web: ").replace("0.0.0.0:$PORT", f"127.0.0.1:{port}").split()
    command = [sys.executable, "-m", *(word.strip('"') for word in words)]
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "REDIS_URL": settings.redis_url,
        "KINDRED_KEYS": settings.keys,
        "KINDRED_HASH_KEY": settings.hash_key,
        "KINDRED_HOME": str(settings.home),
        "SHOPIFY_API_KEY": "key",
        "SHOPIFY_API_SECRET": SECRET,
        "APP_URL": APP_URL,
    }
    process = subprocess.Popen(command, env=environment, cwd=PROCFILE.parent, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: ask(f"http://127.0.0.1:{port}/healthz")[0] == 200)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def sender(settings, database, shop_id):
    return Sender(hosted_app(settings), shop_id)


def request_of(sender, body, *, length=True):
    named = headers("orders/create", sender.domain, body)
    named |= {"Content-Length": str(len(body))} if length else {"Transfer-Encoding": "chunked"}
    lines = [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join(
        ["POST /webhooks/shopify HTTP/1.1", "Host: kindred.example.com", *lines, "", ""]
    ).encode()


def chunk(raw):
    return b"%x\r\n%s\r\n" % (len(raw), raw)


def status_of(connection):
    first = connection.recv(4096)
    return int(first.split()[1]) if first else None


def test_a_real_webhook_is_taken(gunicorn, sender):
    body = written(an_order_body(an_id()))
    with closing(socket.create_connection(("127.0.0.1", gunicorn), timeout=5)) as connection:
        connection.sendall(request_of(sender, body) + body)
        assert status_of(connection) == 200
    assert len(sender.inbox()) == 1


def test_a_body_in_chunks_is_taken_whole(gunicorn, sender):
    body = written(an_order_body(an_id()))
    with closing(socket.create_connection(("127.0.0.1", gunicorn), timeout=5)) as connection:
        pieces = b"".join(chunk(body[start : start + 100]) for start in range(0, len(body), 100))
        connection.sendall(request_of(sender, body, length=False) + pieces + b"0\r\n\r\n")
        assert status_of(connection) == 200
    assert len(sender.inbox()) == 1


@pytest.mark.parametrize("length", [True, False], ids=["with its length", "in chunks"])
def test_a_body_over_the_cap_is_refused_before_it_is_read(gunicorn, sender, length):
    body = b"x" * (6 * 1024 * 1024)
    with closing(socket.create_connection(("127.0.0.1", gunicorn), timeout=5)) as connection:
        began = time.monotonic()
        connection.sendall(request_of(sender, body, length=length))
        try:
            for start in range(0, len(body), 65536):
                piece = body[start : start + 65536]
                connection.sendall(piece if length else chunk(piece))
            status = status_of(connection)
        except (BrokenPipeError, ConnectionResetError):
            status = None  # it was cut while we were still sending
        assert status in (413, None)
        assert time.monotonic() - began < 5
    assert sender.inbox() == []


def test_a_body_that_is_cut_off_is_not_used(gunicorn, sender):
    body = written(an_order_body(an_id()))
    with closing(socket.create_connection(("127.0.0.1", gunicorn), timeout=5)) as connection:
        connection.sendall(request_of(sender, body) + body[:-10])
    time.sleep(0.3)
    assert sender.inbox() == []


def test_senders_that_trickle_are_cut_and_keep_nobody_waiting(gunicorn, sender):
    body = written(an_order_body(an_id()))
    trickling = [socket.create_connection(("127.0.0.1", gunicorn), timeout=20) for _ in range(4)]
    began = time.monotonic()
    try:
        for connection in trickling:
            connection.sendall(request_of(sender, body) + body[:5])
        while time.monotonic() - began < 5.5:
            for connection in trickling:
                connection.sendall(body[5:6])
            time.sleep(1)
        ended = [status_of(connection) for connection in trickling]
        assert time.monotonic() - began < 10
        assert set(ended) <= {400, 401, None}
    finally:
        for connection in trickling:
            connection.close()
    with closing(socket.create_connection(("127.0.0.1", gunicorn), timeout=5)) as connection:
        connection.sendall(request_of(sender, body) + body)
        assert status_of(connection) == 200
    assert len(sender.inbox()) == 1


class Wire:
    """A way to the database that can be cut."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs = []
        self.mode = "open"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.mode == "cut":
                near.close()
            elif self.mode == "silent":
                self._pairs.append((near, near))
            else:
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._target)
                self._pairs.append((near, far))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()

    def cut(self, mode="cut"):
        self.mode = mode
        for near, far in self._pairs:
            for end in (near, far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._pairs.clear()

    def close(self):
        self.cut()
        self._listener.close()


def _pump(one, other):
    with suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def wire(settings, database):
    folder = settings.database_url.split("host=")[1].replace("%2F", "/")
    made = Wire(f"{folder}/.s.PGSQL.5432")
    role, name = settings.database_url.split("://")[1].split("@")[0], settings.database_url.split("/")[3]
    engine.connect(f"postgresql://{role}@127.0.0.1:{made.port}/{name.split('?')[0]}")
    yield made
    made.close()
    engine.connect(settings.database_url)


@pytest.mark.parametrize("mode", ["cut", "silent"])
def test_without_a_database_the_answer_is_later_and_comes_soon_and_nothing_is_lost(wire, sender, mode):
    sender.send("orders/create", {"id": 1}, Webhook_Id="before")
    wire.cut(mode)
    began = time.monotonic()
    answer = sender.post("orders/create", {"id": 2}, Webhook_Id="meanwhile")
    assert answer.status_code == 503
    assert time.monotonic() - began < 3
    assert answer.headers["Retry-After"] == "5"
    wire.mode = "open"
    sender.send("orders/create", {"id": 2}, Webhook_Id="meanwhile")
    assert [row["webhook_id"] for row in sender.inbox()] == ["before", "meanwhile"]


@pytest.mark.parametrize("state", ["53100", "25006", "57014"], ids=["disk full", "read only", "too slow"])
def test_whatever_is_wrong_with_the_database_the_answer_is_later(settings, sender, state):
    owner = create_engine("postgresql+psycopg://" + settings.database_owner_url.split("://", 1)[1])
    function = f"""
        CREATE FUNCTION refuse_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"""
    trigger = """
        CREATE TRIGGER refused BEFORE INSERT ON webhook_inbox FOR EACH ROW EXECUTE FUNCTION refuse_webhooks()"""
    try:
        with owner.begin() as connection:
            for statement in (function, trigger):
                connection.execute(text(statement))
        assert sender.post("orders/create", {"id": 1}).status_code == 503
    finally:
        with owner.begin() as connection:
            connection.execute(text("DROP FUNCTION IF EXISTS refuse_webhooks() CASCADE"))
        owner.dispose()
    assert sender.inbox() == []
    sender.send("orders/create", {"id": 1})
    assert len(sender.inbox()) == 1


def test_without_redis_webhooks_are_kept_and_worked_off(settings, sender):
    queueing.connect(f"redis://127.0.0.1:{free_port()}/0")
    try:
        number = an_id()
        sender.tell("orders/create", an_order_body(number))
    finally:
        queueing.connect(settings.redis_url)
    assert [row["shopify_id"] for row in sender.orders()] == [number]
