"""A real PostgreSQL and a real Redis for the whole run, and a fresh shop for every test."""

import gc
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from places import quickest_folder
from sqlalchemy import text

from shop_app.embedded import cluster, servers
from shop_app.settings import Settings
from shop_app.shopify import admin_api
from shop_app.storage import encryption, engine, migrate

sys.dont_write_bytecode = False
"""Each process of each run would else compile all tests and modules anew, which takes a quarter of a minute."""

CHROMIUM = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
REPOSITORY = Path(__file__).resolve().parent.parent
_numbers = count(1)
_connection = {}
"""What ``database`` connected this process to."""


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, so that no process is left alone with one of them at the end."""
    long_first = ("chaos", "journeys", "services", "embedded", "storage", "workers")
    places = {name: place for place, name in enumerate(long_first)}
    items.sort(key=lambda item: places.get(item.path.relative_to(REPOSITORY / "tests").parts[0], len(places)))


def pytest_collection_finish():
    """Spare Python the search for rubbish among what stays until the end, which is most of what there is."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 10)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once():
    """Let the many processes that tests start find our modules compiled by the first of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _unhurried_disk():
    """No test pulls the plug, so nothing need wait for the disk; killed processes lose nothing by this."""
    cluster.TUNING.update(fsync="off", full_page_writes="off", wal_compression="off")
    cluster.INITDB_OPTIONS.append("--no-sync")


@pytest.fixture(scope="session", autouse=True)
def _short_pauses():
    """Between tries at a Shopify that is down nobody need wait for seconds; that there are pauses is kept."""
    admin_api._PAUSES_SECONDS = tuple(seconds / 50 for seconds in admin_api._PAUSES_SECONDS)


@pytest.fixture(scope="session")
def settings(_unhurried_disk):
    """The servers of this test run (one set for each xdist worker), in a home with a short path."""
    home = Path(tempfile.mkdtemp(prefix="kindred-", dir=quickest_folder()))
    try:
        bare = Settings.from_env({"KINDRED_HOME": str(home / "home")})
        with servers.running(bare, say=print) as filled:
            yield filled
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def database(settings):
    """A migrated PostgreSQL that this process is connected to as the app's role, with fresh keys loaded."""
    _connection.update(url=settings.database_url, keys=(settings.keys, settings.hash_key))
    encryption.load_keys(settings.keys, settings.hash_key)
    migrate.migrate(settings.database_owner_url, settings.database_url)
    engine.connect(settings.database_url)
    yield settings.database_url
    _connection.clear()
    engine.disconnect()


@pytest.fixture(scope="session")
def redis_url(settings):
    """A Redis of our own, as Celery writes its address."""
    return settings.redis_url


@pytest.fixture(autouse=True)
def _connected_again():
    """Leave this process as ``database`` left it, even after a test in which a command connected elsewhere."""
    yield
    url, keys = _connection.get("url"), _connection.get("keys")
    if url is not None and engine._state.get("url") != url:
        encryption.load_keys(*keys)
        engine.connect(url)


@pytest.fixture
def shop_id(database):
    """A shop that nobody else has: 'Tea', euro, UTC, and nothing in it."""
    domain = f"tea-{os.getpid()}-{next(_numbers)}.myshopify.com"
    with engine.shopless() as connection:
        fresh = connection.execute(
            text("INSERT INTO shops (domain) VALUES (:domain) RETURNING id"), {"domain": domain}
        ).scalar_one()
    with engine.transaction(fresh) as connection:
        connection.execute(
            text(
                "INSERT INTO shop_settings (shop_id, title, currency, timezone) "
                "VALUES (:shop_id, 'Tea', 'EUR', 'UTC')"
            ),
            {"shop_id": fresh},
        )
    return fresh


@pytest.fixture
def as_of():
    """The last moment of June 2026, to which tests look back."""
    return datetime(2026, 6, 30, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.fixture(scope="session")
def reference():
    """The folder of reference data that is not part of the product."""
    folder = Path(os.environ.get("KINDRED_TEST_DATA") or REPOSITORY / ".." / "shared" / "reference")
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}; KINDRED_TEST_DATA names another folder")
    return folder.resolve()


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the whole run: a second Playwright in one process refuses to start."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}; CHROMIUM names another place")
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield started
        started.close()
