"""The sample store: made up by the sandbox in a process of its own, then imported like anybody's files."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shop_app.errors import StartRefusedError
from shop_app.services.data_health import data_health
from shop_app.services.import_file import import_file
from shop_app.services.open_shop import open_shop
from shop_app.services.plan_import import ImportOptions
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import segment_runs, shops
from shop_app.storage.engine import shopless, transaction

SAMPLE_DOMAIN = "sample"
SAMPLE_TITLE = "Thistle & Quire (sample)"
SAMPLE_CUSTOMERS = 5_000

_SEED = 7
_CURRENCY, _TIMEZONE = "USD", "America/New_York"
_FILES = ("customers_export.csv", "orders_export.csv")
_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_SECONDS = 600


def install_sample(*, as_of: datetime, say: Callable[[str], None], customers: int = SAMPLE_CUSTOMERS) -> None:
    """Put the sample store in, its last whole day being the one before ``as_of``.

    What an earlier start did not get to the end of is finished; a finished one is left alone.

    Raises
    ------
    StartRefusedError
        The sandbox cannot make the files, for the reason given.
    """
    opened = open_shop(SAMPLE_DOMAIN, currency=_CURRENCY, timezone=_TIMEZONE, title=SAMPLE_TITLE)
    if not opened.is_new and not sample_is_unfinished():
        return
    with tempfile.TemporaryDirectory(prefix="kindred-sample-") as folder:
        say(f"Making up a sample store with {customers:,} customers.")
        _make_files(Path(folder), customers=customers, as_of=as_of)
        say("Importing its customers and orders.")
        for name in _FILES:
            import_file(Path(folder) / name, opened.shop_id, ImportOptions(), at=as_of)
    say("Working out its segments.")
    refreshed = renew_shop(opened.shop_id, now=as_of)
    data_health(opened.shop_id, as_of=refreshed.as_of)
    say(f"The sample store is ready: {refreshed.customer_count:,} customers in their segments.")


def sample_is_unfinished() -> bool:
    """Tell whether the sample store was begun and has no segments yet."""
    with shopless() as connection:
        shop_id = shops.find_id(connection, SAMPLE_DOMAIN)
    if shop_id is None:
        return False
    with transaction(shop_id) as connection:
        return segment_runs.read_newest(connection) is None


def _make_files(folder: Path, *, customers: int, as_of: datetime) -> None:
    until = as_of.astimezone(ZoneInfo(_TIMEZONE)).date() - timedelta(days=1)
    options = {"--until": until.isoformat(), "--out": folder, "--customers": customers, "--seed": _SEED}
    words = [str(word) for option in options.items() for word in option]
    made = subprocess.run(
        [sys.executable, "-m", "sandbox.sample_store", *words],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
    )
    if made.returncode:
        last_line = (made.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StartRefusedError(f"The sample store could not be made: {last_line}")
