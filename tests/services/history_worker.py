"""Workers that do nothing but read one shop's history; they are there to be killed.

For each line on its input this process forks one, as Celery does, and says its number: loading everything anew
each time would take longer than the work.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bulk_shopify import settings_of

from shop_app.services import backfill_asking, backfill_shop, backfill_step, keep_lease, spool
from shop_app.services.backfill_shop import backfill_due
from shop_app.shopify import bulk_pieces, config
from shop_app.storage import backfills, encryption, engine


def main():
    for _ in sys.stdin:
        worker = os.fork()
        if not worker:
            work()
            os._exit(0)
        sys.stdout.write(f"{worker}\n")
        sys.stdout.flush()
        os.waitpid(worker, 0)


def work():
    told = json.loads(os.environ["HISTORY_WORKER"])
    encryption.load_keys(told["keys"], told["hash_key"])
    engine.connect(told["database"])
    config.configure(settings_of(told["origin"]))
    spool.use(Path(told["home"]))
    bulk_pieces.PIECE_BYTES = told["piece_bytes"]
    keep_lease.LEASE_SECONDS = backfill_shop.LEASE_SECONDS = backfill_step.LEASE_SECONDS = 1.0
    keep_lease._BEAT_SECONDS = 0.2
    backfill_shop.send = lambda *_words: True
    backfill_asking._POLLS = ((backfill_asking._POLLS[-1][0], backfill_asking._POLLS[0][1] / 40),)
    while True:
        backfill_due(told["shop_id"], now=datetime.now(tz=UTC))
        with engine.transaction(told["shop_id"]) as connection:
            if backfills.find_newest(connection).state != "running":
                return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
