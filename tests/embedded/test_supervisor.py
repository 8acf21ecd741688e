import os
import signal
import subprocess
import sys
from functools import partial

import patience
import pytest

from shop_app.embedded import processes, supervisor
from shop_app.embedded.home import prepare
from shop_app.embedded.supervisor import Child
from shop_app.errors import RefusedError, StartRefusedError

SLEEP = [sys.executable, "-S", "-c", "import time; print('here', flush=True); time.sleep(100)"]
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
STUBBORN = [sys.executable, "-S", "-c", f"{DEAF}; time.sleep(100)"]
SUPERVISE = """
import sys
from pathlib import Path
from shop_app.embedded import supervisor
from shop_app.embedded.home import Home
from shop_app.embedded.supervisor import Child
home = Home(Path(sys.argv[1]))
logs = home.logs / "sleeper.log", home.logs / "deaf.log"
children = [Child("sleeper", SLEEP, logs[0]), Child("stubborn", STUBBORN, logs[1])]
with supervisor.only_one(home, "http://127.0.0.1:1/"):
    supervisor.supervise(children, home=home, environment={}, each_round=lambda: None, say=print)
"""


@pytest.fixture
def made_home(home):
    prepare(home)
    return home


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(supervisor, "_LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor, "_ROUND_SECONDS", 0.02)
    monkeypatch.setattr(supervisor, "_STOP_SECONDS", 1.0)


eventually = partial(patience.eventually, seconds=20, every=0.02)


def children_of(home):
    return processes.recall(home.run / "children.json")


def supervising(home):
    script = SUPERVISE.replace("SLEEP", repr(SLEEP)).replace("STUBBORN", repr(STUBBORN))
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(home.root)], stderr=subprocess.PIPE, text=True
    )
    eventually(lambda: len(children_of(home)) == 2 and (home.logs / "deaf.log").read_text())
    return process


def test_a_child_that_ends_is_started_again_and_all_are_stopped_in_the_end(made_home, quick):
    said, seen = [], []

    def each_round():
        found = children_of(made_home).get("sleeper")
        if found and found not in seen:
            seen.append(found)
            found.signal(signal.SIGKILL)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supervisor.supervise(
            [Child("sleeper", SLEEP, made_home.logs / "sleeper.log")],
            home=made_home,
            environment=os.environ,
            each_round=each_round,
            say=said.append,
        )
    assert said[:2] == ["The sleeper ended (signal 9); starting it again."] * 2
    assert not any(child.is_alive() for child in seen)


def test_a_child_that_ends_again_and_again_is_given_up_with_the_end_of_its_log(made_home, quick):
    broken = [sys.executable, "-S", "-c", "import sys; sys.exit('no such table')"]
    with pytest.raises(StartRefusedError, match=r"worker ended 5 times in a row(?s:.*)no such table"):
        supervisor.supervise(
            [Child("worker", broken, made_home.logs / "worker.log")],
            home=made_home,
            environment={},
            each_round=lambda: None,
            say=print,
        )


def test_what_a_child_had_started_itself_ends_with_it(made_home, quick):
    script = "import subprocess; print(subprocess.Popen(['sleep', '100']).pid, flush=True)"
    parent = [sys.executable, "-S", "-c", f"{script}; import time; time.sleep(100)"]
    log = made_home.logs / "parent.log"

    def each_round():
        if log.exists() and log.read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        supervisor.supervise(
            [Child("parent", parent, log)],
            home=made_home,
            environment=os.environ,
            each_round=each_round,
            say=print,
        )
    eventually(lambda: processes.started_at(int(log.read_text())) is None)


def test_a_killed_supervisor_takes_its_children_along_and_the_next_one_stops_the_deaf(made_home, quick):
    killed = supervising(made_home)
    left = children_of(made_home)
    killed.kill()
    killed.communicate()
    assert left["sleeper"].wait(10), "Linux tells a child that its parent is gone"
    assert left["stubborn"].is_alive()
    assert supervisor.stop_leftovers(made_home) == ["stubborn"]
    assert not left["stubborn"].is_alive()
    assert supervisor.stop_leftovers(made_home) == []


def test_a_second_supervisor_is_told_where_the_first_one_is_and_another_command_can_stop_it(made_home):
    first = supervising(made_home)
    try:
        with (
            pytest.raises(RefusedError, match=f"http://127.0.0.1:1/ .process {first.pid}"),
            supervisor.only_one(made_home, "http://127.0.0.1:2/"),
        ):
            pass
        children_of(made_home)["stubborn"].signal(signal.SIGKILL)
        assert supervisor.stop_other(made_home)
    finally:
        first.kill()
        first.communicate()
    assert children_of(made_home) == {}
    assert not supervisor.stop_other(made_home)


def test_a_note_of_processes_that_is_torn_or_of_recycled_numbers_names_nobody(made_home):
    note = made_home.run / "children.json"
    for text in ("", "{", "[1]", '{"web": 3}', f'{{"web": [{os.getpid()}, "another boot 1"]}}'):
        note.write_text(text)
        assert processes.recall(note) == {}
        assert supervisor.stop_leftovers(made_home) == []
