"""Whether anything of ours stands at a destination."""

from shop_app.storage import push_counts
from shop_app.storage.engine import transaction


def holds_labels(shop_id: int, kind: str) -> bool:
    """Tell whether a destination holds a label that we wrote, as far as is known."""
    with transaction(shop_id) as connection:
        return push_counts.holds_any(connection, kind)
