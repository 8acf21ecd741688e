"""`kindred import` as a stranger runs it: what is printed where, and how it ends."""

import json
import os
import pty
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from commands import a_terminal

HEADER = "order_id,customer_id,time,product,quantity,unit_price"
_numbers = count(1)


@pytest.fixture
def kindred(database, settings, tmp_path):
    """Run the command in a directory of its own, on the test run's database."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "KINDRED_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "REDIS_URL": settings.redis_url,
        "KINDRED_KEYS": settings.keys,
        "KINDRED_HASH_KEY": settings.hash_key,
    }

    def run(*words, until=None):
        command = [sys.executable, "-m", "shop_app.cli.main", *map(str, words)]
        if until is not None:
            return interrupted(command, until)
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def interrupted(command, until):
        """Run it until it says these words on stderr, and press Ctrl-C."""
        with subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            said = []
            for line in process.stderr:
                said.append(line)
                if until in line:
                    process.send_signal(signal.SIGINT)
                    break
            stdout, rest = process.communicate(timeout=60)
        return subprocess.CompletedProcess(command, process.returncode, stdout, "".join(said) + rest)

    return run


@pytest.fixture
def here(database, settings, tmp_path, monkeypatch, capsys):
    """Run the command in this process: a process of its own takes seconds only to begin."""
    monkeypatch.chdir(tmp_path)
    return a_terminal(settings, monkeypatch, capsys)


@pytest.fixture
def shop(tmp_path):
    return f"journey {os.getpid()} {next(_numbers)}"


def a_table(path, *lines):
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_file_becomes_segments_and_a_report_and_the_second_time_nothing(kindred, here, shop, tmp_path):
    lines = [f"{n},K{n % 7},2023-{n % 12 + 1:02d}-{n % 28 + 1:02d} 10:00,TEA,2,1.50" for n in range(1, 60)]
    table = a_table(tmp_path / "till.csv", *lines, "60,K1,never,TEA,1,1.50")
    first = kindred("import", table, "--shop", shop, "--currency", "EUR")
    assert first.returncode == 0, first.stderr
    assert "Orders: 59 new, 0 updated" in first.stdout
    assert "they are in till.rejects.csv" in first.stdout
    assert (tmp_path / "till.rejects.csv").read_text(encoding="utf-8-sig").count("\n") == 2
    assert "Segments: 7 customers" in first.stdout
    assert "Data health: 7 customers, 7 of them buyers; 59 orders" in first.stdout
    assert "60 rows" in first.stderr
    second = here("import", table, "--shop", shop.upper(), "--currency", "EUR")
    assert second.code == 0
    assert "nothing changed" in second.stdout


def test_the_json_outcome_has_its_documented_keys(here, shop, tmp_path):
    table = a_table(tmp_path / "till.csv", "1,K1,2024-05-01 10:00,TEA,2,1.50")
    done = here("import", table, "--shop", shop, "--rate", "USD=0.92", "--json")
    assert done.code == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert set(outcome) == {
        *(
            "state",
            "shop",
            "shop_is_new",
            "file",
            "kind",
            "found",
            "counts",
            "rejects_path",
            "segments",
            "health",
        ),
    }
    assert (outcome["state"], outcome["shop_is_new"], outcome["kind"]) == ("done", True, "line_table")
    assert outcome["counts"]["orders"] == {"new": 1, "updated": 0, "unchanged": 0, "older": 0}
    assert sum(group["customer_count"] for group in outcome["segments"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate", "USD"], "--rate: 'USD' is no rate"),
        (["--rate", "USD=-1"], "--rate: 'USD=-1' is no rate"),
        (["--exported-at", "soon"], "--exported-at: 'soon' is no date"),
        (["--exported-at", "2999-01-01"], "lies in the future"),
        (["--map", "order_id"], "--map: 'order_id' does not say"),
        (["--currency", "EURO"], "'EURO' is no currency"),
        (["--timezone", "Mars/Base"], "'Mars/Base' is no time zone"),
    ],
)
def test_a_wrong_option_is_refused_with_the_way_out(here, shop, tmp_path, words, said):
    table = a_table(tmp_path / "till.csv", "1,K1,2024-05-01 10:00,TEA,2,1.50")
    refused = here("import", table, "--shop", shop, *words)
    assert (refused.code, refused.stdout) == (1, "")
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_missing_file_is_refused_and_opens_no_shop(here, shop):
    refused = here("import", "nowhere.csv", "--shop", shop)
    assert refused.code == 1
    assert "There is no file" in refused.stderr
    assert shop not in here("segments", "--shop", "no such shop").stderr


def test_stopped_by_hand_nothing_is_kept_and_that_is_said(kindred, here, shop, tmp_path):
    table = a_table(
        tmp_path / "till.csv", *(f"{n},K{n % 7},2024-05-01 10:00,TEA,2,1.50" for n in range(200_000))
    )
    stopped = kindred("import", table, "--shop", shop, until="rows/s")
    assert stopped.returncode == 130
    assert "Stopped. Nothing of till.csv was kept." in stopped.stderr
    assert "Traceback" not in stopped.stderr
    small = a_table(tmp_path / "small.csv", "1,K1,2024-05-01 10:00,TEA,2,1.50")
    counts = json.loads(here("import", small, "--shop", shop, "--json").stdout)["health"]
    assert counts["orders"] == 1


def test_without_a_shop_the_usage_is_shown(here):
    assert here("import", "x.csv").code == 2


AMBIGUOUS = ("1,K1,03/04/2024 10:00,TEA,2,1.50", "2,K1,05/06/2024 10:00,TEA,2,1.50")


def test_an_ambiguous_date_is_asked_for_and_never_guessed(here, shop, tmp_path):
    table = a_table(tmp_path / "till.csv", *AMBIGUOUS)
    refused = here("import", table, "--shop", shop)
    assert refused.code == 1
    assert "--date-order" in refused.stderr
    told = here("import", table, "--shop", shop, "--date-order", "mdy", "--json")
    assert json.loads(told.stdout)["health"]["last_order_at"].startswith("2024-05-06")


@pytest.mark.parametrize(("answer", "day"), [("day", "2024-06-05"), ("month", "2024-05-06")])
def test_a_person_at_a_terminal_is_asked(here, shop, tmp_path, monkeypatch, answer, day):
    table = a_table(tmp_path / "till.csv", *AMBIGUOUS)
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    with os.fdopen(theirs) as keys, os.fdopen(os.dup(theirs), "w") as screen, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", keys)
        patch.setattr(sys, "stderr", screen)
        done = here("import", table, "--shop", shop)
    os.close(ours)
    assert done.code == 0
    again = here("import", table, "--shop", shop, "--date-order", "dmy" if answer == "day" else "mdy", "--json")
    assert json.loads(again.stdout)["health"]["last_order_at"].startswith(day)
