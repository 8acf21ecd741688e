"""Before a segment is used for the first time, what its customers do without it is kept."""

from datetime import datetime, timedelta

from shop_app.storage import pushes, segment_baselines
from shop_app.storage.engine import transaction

SPAN = timedelta(days=90)


def freeze_baselines(shop_id: int, push_id: int, *, at: datetime) -> list[str]:
    """Keep the figures of the last 90 days of each segment that this push brings customers to, once for ever.

    Returns the segments that had none yet.
    """
    frozen = []
    with transaction(shop_id) as connection:
        kept = segment_baselines.read_all(connection)
        for move in pushes.count_moves(connection, push_id):
            segment = move["to_segment"]
            if segment and segment not in kept and segment not in frozen:
                measures = segment_baselines.measure(connection, segment, since=at - SPAN, until=at)
                measures["span_days"] = SPAN.days
                if segment_baselines.freeze(connection, segment, push_id, measures, at=at):
                    frozen.append(segment)
    return frozen
