"""The worker process, put together: `celery -A workers.main worker`, and `beat` for the clock."""

import logging
import os

from celery.signals import after_setup_logger, worker_process_init, worker_process_shutdown

import workers.bundles
import workers.exports
import workers.privacy
import workers.push
import workers.refresh
import workers.shopify
import workers.sweeps  # noqa: F401 (the tasks register themselves)
from shop_app import queueing
from shop_app.errors import KindredError
from shop_app.queueing import TaskName
from shop_app.services import spool
from shop_app.services.reach_vendors import reach_vendors
from shop_app.settings import Settings
from shop_app.storage import encryption, engine, erasure_ledger
from shop_app.web import log_scrubbing
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
    engine.connect_patiently(settings.database_url)
    erasure_ledger.keep_in(settings.home)
    queueing.connect(settings.redis_url or "")
    reach_vendors(settings)
    spool.use(settings.home)
    spool.sweep()


@after_setup_logger.connect
def _keep_log_short(logger: logging.Logger, **_signal: object) -> None:
    """Leave out of the log what beat rings each second: whatever it finds to do is told by the work itself."""
    for handler in logger.handlers:
        handler.addFilter(lambda record: TaskName.LOOK.value not in record.getMessage())


@worker_process_shutdown.connect
def _disconnect(**_signal: object) -> None:
    engine.disconnect()


settings = _settings()
log_scrubbing.install()
app = queueing.celery_app
app.conf.beat_schedule = SCHEDULE
queueing.connect(settings.redis_url or "")
