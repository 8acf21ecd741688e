"""The whole product as processes of its own: servers, stand-in Shopify, pages, workers and clock."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from shutil import rmtree

import psycopg
from celery import Celery
from patience import eventually
from places import quickest_folder

from shop_app.embedded import postgres, redis_server, servers
from shop_app.embedded.home import Home
from shop_app.settings import Settings
from shop_app.storage import migrate

ROOT = Path(__file__).resolve().parent.parent
CLIENT_ID, SECRET = "kindred-under-test", "hush-hush-under-test"
SAMPLE, OTHER = "thistle-and-quire.myshopify.com", "quiet-corner.myshopify.com"
KLAVIYO_KEY = "pk_under_test_and_nowhere_else_0123456789"
CELERY = [sys.executable, "-m", "celery", "-A", "workers.main"]
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=info", "--concurrency=1"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ask(url, body=None, *, method=None, headers=None, timeout=10):
    """Return status and text of an answer; ``None`` and the reason where there is none."""
    data = None if body is None else json.dumps(body).encode()
    sent = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    try:
        with urllib.request.urlopen(sent, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return None, str(error)


def ask_when_up(url, body):
    """Ask a process that may have been started a moment ago; one that hears nothing has done nothing."""
    until = time.monotonic() + 30
    while "refused" in (answer := ask(url, body))[1] and answer[0] is None and time.monotonic() < until:
        time.sleep(0.1)
    return answer


class Stack:
    """Everything, in a home of its own; ``with Stack(...)`` leaves nothing behind."""

    def __init__(self, *, customers=60, web_workers=2, time_scale=0.001, local=False, klaviyo_time_scale=0.01):
        self.folder = Path(tempfile.mkdtemp(prefix="kindred-", dir=quickest_folder()))
        self.home = Home(self.folder / "home")
        self.customers, self.web_workers, self.time_scale, self.local = (
            customers,
            web_workers,
            time_scale,
            local,
        )
        self.klaviyo_time_scale = klaviyo_time_scale
        self.port, self.sandbox_port, self.klaviyo_port = free_port(), free_port(), free_port()
        self.app_url, self.origin = (f"http://127.0.0.1:{port}" for port in (self.port, self.sandbox_port))
        self.klaviyo_origin = f"http://127.0.0.1:{self.klaviyo_port}"
        self.processes = {}
        self._open = ExitStack()

    def __enter__(self):
        bare = {"KINDRED_HOME": str(self.home.root)}
        self.bare = Settings.from_env(bare)
        self.settings = self._open.enter_context(servers.running(self.bare, say=print))
        migrate.migrate(self.settings.database_owner_url, self.settings.database_url)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SHOPIFY_")},
            **bare,
            "DATABASE_URL": self.settings.database_url,
            "REDIS_URL": self.settings.redis_url,
            "KINDRED_KEYS": self.settings.keys,
            "KINDRED_HASH_KEY": self.settings.hash_key,
            "SHOPIFY_API_KEY": CLIENT_ID,
            "SHOPIFY_API_SECRET": SECRET,
            "SHOPIFY_ADMIN_ORIGIN": self.origin,
            "SHOPIFY_ADMIN_WEB_ORIGIN": self.origin,
            "APP_URL": self.app_url,
            "PORT": str(self.port),
            "SANDBOX_CLIENT_SECRET": SECRET,
            "SANDBOX_KLAVIYO_KEY": KLAVIYO_KEY,
            "KLAVIYO_ORIGIN": self.klaviyo_origin,
        }
        return self

    def __exit__(self, *_):
        for name in list(self.processes):
            self.kill(name)
        self._open.close()
        rmtree(self.folder, ignore_errors=True)

    def commands(self):
        app = f"shop_app.app:create_{'local' if self.local else 'hosted'}_app()"
        return {
            "sandbox": [
                *(sys.executable, "-m", "sandbox.shopify", f"--port={self.sandbox_port}"),
                *(
                    f"--state={self.home.stand_in_state}",
                    f"--app-url={self.app_url}",
                    f"--client-id={CLIENT_ID}",
                ),
                *(f"--customers={self.customers}", f"--time-scale={self.time_scale}"),
                "--granted-scope=read_all_orders",
            ],
            "klaviyo": [
                *(sys.executable, "-m", "sandbox.klaviyo", f"--port={self.klaviyo_port}"),
                *(f"--state={self.home.klaviyo_stand_in_state}", f"--time-scale={self.klaviyo_time_scale}"),
                *(f"--shopify-origin={self.origin}", f"--shop={SAMPLE}"),
            ],
            "web": [
                *(sys.executable, "-m", "gunicorn", app, f"--bind=127.0.0.1:{self.port}"),
                *(
                    "--worker-class=gthread",
                    f"--workers={self.web_workers}",
                    "--threads=4",
                    "--log-level=warning",
                ),
                "--no-control-socket",
            ],
            "worker": [*CELERY, "worker", "--queues=kindred", "--hostname=live@test", *QUIET],
            "heavy": [*CELERY, "worker", "--queues=kindred-heavy", "--hostname=heavy@test", *QUIET],
            "beat": [*CELERY, "beat", "--pidfile=", "--loglevel=warning"],
            "merchant": [
                *(sys.executable, "-m", "tests.approving"),
                *(f"{SAMPLE}=shopify,klaviyo", f"{OTHER}=shopify"),
            ],
        }

    def start(self, *names):
        for name in names or [name for name in self.commands() if name not in {"klaviyo", "merchant"}]:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.commands()[name],
                    cwd=ROOT,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def wait_until_ready(self):
        eventually(lambda: ask(f"{self.origin}/_calls")[0] == 200)
        eventually(lambda: ask(f"{self.app_url}/healthz")[0] == 200)
        if "klaviyo" in self.processes:
            address = f"{self.klaviyo_origin}/_store/profile?limit=1"  # its people come a little later
            eventually(lambda: ask(address)[0] == 200 and ask(address)[1].strip() != "[]")

    def kill(self, name):
        """Kill a process and all that it had started, without a word."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)

    def kill_server(self, which):
        """Kill PostgreSQL or Redis, and start it again."""
        found = {"postgres": postgres, "redis": redis_server}[which].find(self.home)
        found.signal(signal.SIGKILL)
        found.wait(10)
        servers.ensure(self.bare, say=print)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def deed(self, deed, **words):
        """Let the merchant, or a buyer, do something in the stand-in."""
        status, text = ask_when_up(f"{self.origin}/_deeds/{deed}", words)
        assert status == 200, (deed, status, text)
        return json.loads(text)

    def klaviyo_deed(self, deed, **words):
        """Let somebody do something in the stand-in for Klaviyo."""
        status, text = ask_when_up(f"{self.klaviyo_origin}/_deeds/{deed}", words)
        assert status == 200, (deed, status, text)
        return json.loads(text)

    def faults(self, **words):
        status, text = ask_when_up(f"{self.origin}/_faults", words)
        assert status in {200, 201}, (status, text)
        return json.loads(text)

    def klaviyo_faults(self, **words):
        status, text = ask_when_up(f"{self.klaviyo_origin}/_faults", words)
        assert status == 201, (status, text)

    def calm(self):
        assert ask(f"{self.origin}/_faults", method="DELETE")[0] in {200, 204}
        if "klaviyo" in self.processes:
            assert ask(f"{self.klaviyo_origin}/_faults", method="DELETE")[0] in {200, 204}

    def let_fall_due(self, *kinds):
        """Let the night come: this work is due now."""
        with psycopg.connect(self.settings.database_owner_url) as connection:
            connection.execute("UPDATE due_work SET due_at = now() WHERE kind = ANY(%s)", (list(kinds),))
        self.ring()

    def let_an_hour_pass(self):
        """Let everything be due that is on the list, and end what dead processes still hold."""
        with psycopg.connect(self.settings.database_owner_url) as connection:
            connection.execute("UPDATE due_work SET due_at = now()")
            for (shop,) in connection.execute("SELECT id::text FROM shops").fetchall():
                connection.execute("SELECT set_config('app.shop_id', %s, true)", (shop,))
                connection.execute("UPDATE leases SET until = now()")
                connection.execute("UPDATE push_states SET next_at = now() WHERE state = 'ready'")
                connection.execute("UPDATE push_jobs SET poll_at = now() WHERE poll_at IS NOT NULL")
                connection.execute("UPDATE destinations SET quiet_until = NULL")
                connection.execute("UPDATE farewells SET next_at = now()")
        self.ring()

    def let_everybody_be_compared(self):
        """Let what everybody is to hold at destinations be worked out and compared anew."""
        with psycopg.connect(self.settings.database_owner_url) as connection:
            for (shop,) in connection.execute("SELECT id::text FROM shops").fetchall():
                connection.execute("SELECT set_config('app.shop_id', %s, true)", (shop,))
                connection.execute(
                    "INSERT INTO push_marks (shop_id, customer_id, mark) "
                    "VALUES (%s, 0, nextval('push_mark_numbers')) ON CONFLICT DO NOTHING",
                    (shop,),
                )
        self.let_fall_due("push")

    def let_leases_end(self):
        """Let the minute and a half be over for which a killed worker still holds what it was at."""
        with suppress(psycopg.Error), psycopg.connect(self.settings.database_owner_url) as connection:
            for (shop,) in connection.execute("SELECT id::text FROM shops").fetchall():
                connection.execute("SELECT set_config('app.shop_id', %s, true)", (shop,))
                connection.execute("UPDATE leases SET until = now() WHERE kind LIKE 'push-%'")

    def ring(self):
        """Let the clock's minute be over."""
        with Celery(broker=self.settings.redis_url, set_as_current=False) as bell:
            bell.send_task("kindred.sweep", queue="kindred", ignore_result=True)

    def calls(self):
        return json.loads(ask(f"{self.origin}/_calls")[1])
