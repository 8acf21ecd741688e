"""What holds for every task, queue and process."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import workers.bundles
import workers.exports
import workers.privacy
import workers.push
import workers.refresh
import workers.shopify
import workers.sweeps  # noqa: F401 (they register their tasks)
from shop_app.queueing import HARD_LIMIT_SECONDS, QueueName, TaskName, celery_app
from shop_app.services.at_work import AGAIN_AFTER, LATE_AGAIN
from workers.schedule import SCHEDULE

ROOT = Path(__file__).parents[2]


def test_every_name_has_a_task_and_every_task_a_name():
    assert {name for name in celery_app.tasks if name.startswith("kindred.")} == {
        name.value for name in TaskName
    }


def test_every_queue_has_a_worker_in_the_procfile():
    lines = re.findall(
        r"^\w+: .* worker .*--queues[ =](\S+)", (ROOT / "Procfile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert {queue.value for queue in QueueName} == {name for line in lines for name in line.split(",")}


def test_what_beat_rings_is_a_task():
    assert {entry["task"] for entry in SCHEDULE.values()} <= {name.value for name in TaskName}


def test_only_json_is_spoken_and_nothing_runs_longer_than_it_is_hidden():
    conf = celery_app.conf
    assert (conf.task_serializer, list(conf.accept_content)) == ("json", ["json"])
    assert conf.task_soft_time_limit < HARD_LIMIT_SECONDS == conf.task_time_limit
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"] == conf.visibility_timeout
    assert AGAIN_AFTER.total_seconds() > conf.task_time_limit
    fit = celery_app.tasks[TaskName.FIT_SHOP.value]
    assert fit.soft_time_limit < fit.time_limit < conf.visibility_timeout
    assert LATE_AGAIN.total_seconds() > fit.time_limit


def test_every_task_is_acknowledged_late_but_those_that_only_look():
    for name in TaskName:
        task = celery_app.tasks[name.value]
        assert task.ignore_result
        assert task.acks_late is (name not in {TaskName.SWEEP, TaskName.LOOK})


@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, "kindred up"), ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with")],
)
def test_a_worker_without_its_settings_ends_with_a_sentence(environment, words, tmp_path):
    bare = {"PATH": os.environ["PATH"], "KINDRED_HOME": str(tmp_path), **environment}
    ended = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "workers.main", "worker"],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
