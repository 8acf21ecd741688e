import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from shop_app.cli import main
from shop_app.embedded import postgres, servers
from shop_app.storage import encryption

SETTINGS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "KINDRED_KEYS", "KINDRED_HASH_KEY", "APP_URL")


@pytest.fixture
def kindred(monkeypatch, capsys, home):
    """Run one command in this process, in an environment of its own; return exit code, output, and errors."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KINDRED_HOME", str(home.root))

    def run(*arguments, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code = main.outcome(arguments)
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_every_command_that_is_listed_can_be_loaded():
    for name in main.cli.list_commands(None):
        assert main.cli.get_command(None, name).name == name


def test_an_unknown_command_and_an_unknown_option_are_wrong_usage(kindred):
    assert kindred("fortune")[0] == 2
    assert kindred("doctor", "--loud")[0] == 2


def test_a_wrong_setting_is_named_in_one_sentence(kindred):
    assert kindred("migrate", PORT="eighty") == (
        1,
        "",
        "PORT must be a number from 1 to 65535, not 'eighty'.\n",
    )


def test_fresh_keys_are_printed_as_settings_that_load(kindred):
    code, printed, _ = kindred("make-keys")
    pair = dict(line.split("=", 1) for line in printed.splitlines())
    assert (code, list(pair)) == (0, ["KINDRED_KEYS", "KINDRED_HASH_KEY"])
    encryption.load_keys(*pair.values())
    assert list(json.loads(kindred("make-keys", "--json")[1])) == list(pair)


def test_migrate_makes_the_tables_and_doctor_finds_everything_sound(kindred):
    assert kindred("doctor")[0] == 0
    assert kindred("migrate")[0] == 0
    code, printed, _ = kindred("migrate", "--json")
    assert (code, json.loads(printed)["revision"] >= "0004") == (0, True)
    code, printed, _ = kindred("doctor", "--json")
    found = json.loads(printed)
    assert (code, found["ok"]) == (0, True)
    names = [check["name"] for check in found["checks"]]
    assert names == ["settings", "disk", "home", "database", "role", "tables", "keys", "erasures", "redis"]
    assert {check["state"] for check in found["checks"]} <= {"ok", "warn"}


def test_doctor_fails_for_a_superuser_and_for_missing_tables(kindred, home, settings_of):
    with servers.running(settings_of(home), say=print) as filled:
        own = {
            "DATABASE_URL": filled.database_url.replace("kindred_app", "postgres"),
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "KINDRED_KEYS": filled.keys,
            "KINDRED_HASH_KEY": filled.hash_key,
        }
        code, printed, _ = kindred("doctor", **own)
        assert code == 1
        assert "FAIL  role: The database role 'postgres' is a superuser" in printed
        assert "WARN  redis:" in printed
        code, printed, _ = kindred("doctor", DATABASE_URL=filled.database_url)
        assert code == 1
        assert "FAIL  tables: they are at none yet" in printed


def test_up_refuses_a_public_address_and_a_taken_port(kindred):
    code, _, said = kindred("up", APP_URL="https://kindred.example.com")
    assert (code, "APP_URL" in said) == (1, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, said = kindred("up", APP_URL="", PORT=str(port))
    assert code == 1
    assert said.startswith(f"Port {port} on 127.0.0.1 is taken by another program. Set PORT to another one")


def test_down_stops_what_a_killed_process_left(kindred, home, staying):
    assert kindred("down") == (0, f"Nothing runs from {home.root}.\n", "")
    other = staying(home)
    assert other.stdout.readline().startswith("Making")
    assert other.stdout.readline() == "up\n"
    assert kindred("down")[0] == 1
    other.kill()
    other.wait()
    assert kindred("down") == (0, "Stopped: Redis, PostgreSQL.\n", "")
    assert json.loads(kindred("down", "--json")[1]) == {"stopped": []}


WAITING = """
import time
from shop_app.cli import main, session
import click
@main.cli.command("wait")
def wait():
    with session.opened():
        print("up", flush=True)
        time.sleep(100)
main._COMMANDS["wait"] = main._Entry("doctor", "command", "wait")
main._Commands.get_command = lambda self, ctx, name: self.commands[name]
main.main()
"""


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_that_is_interrupted_puts_its_servers_away_and_says_nothing(home, number, code):
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, "wait"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "KINDRED_HOME": str(home.root)},
    ) as command:
        assert command.stdout.readline() == "up\n"
        server = postgres.find(home)
        command.send_signal(number)
        _, said = command.communicate(timeout=30)
    assert (command.returncode, "Traceback" in said) == (code, False)
    assert not server.is_alive()
