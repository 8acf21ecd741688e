"""The worker process, put together: `celery -A workers.main worker`, and `beat` for the clock."""

import os

from celery.signals import worker_process_init, worker_process_shutdown

import workers.refresh  # noqa: F401 (its tasks register themselves)
from shop_app import queueing
from shop_app.errors import KindredError
from shop_app.settings import Settings
from shop_app.storage import encryption, engine
from workers.schedule import SCHEDULE


def _settings() -> Settings:
    """Read the environment; what is wrong with it ends the start with a sentence."""
    try:
        settings = Settings.from_env(os.environ)
    except KindredError as error:
        raise SystemExit(str(error)) from None
    if not (settings.database_url and settings.redis_url):
        raise SystemExit(
            "A worker needs DATABASE_URL and REDIS_URL. `kindred up` runs everything on this machine, worker "
            "included, and sets both."
        )
    return settings


@worker_process_init.connect
def _connect(**_signal: object) -> None:
    """Give each process its own connections: none is carried over a fork."""
    assert settings.database_url and settings.keys and settings.hash_key  # noqa: S101, PT018 (checked above)
    encryption.load_keys(settings.keys, settings.hash_key)
    engine.connect(settings.database_url)


@worker_process_shutdown.connect
def _disconnect(**_signal: object) -> None:
    engine.disconnect()


settings = _settings()
app = queueing.celery_app
app.conf.beat_schedule = SCHEDULE
queueing.connect(settings.redis_url or "")
