"""The texts that leave as a table: what each segment is defined by, and what to do with it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shop_app.segments.playbook import play_words
from shop_app.segments.segment_groups import PROSPECTS
from shop_app.services.live_models import Segmentation, find_edges, read_models
from shop_app.services.own_segments import list_own
from shop_app.services.playbook import read_plays
from shop_app.services.segment_reasons import segment_names
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction

Row = dict[str, Any]


def definition_rows(shop_id: int) -> Iterator[Row]:
    """Yield what every segment is defined by: the learned ones, then the merchant's own."""
    segmentation = _live(shop_id)
    if segmentation is not None:
        for group in segmentation.grouping.groups:
            yield {
                "kind": "learned",
                "slug": group.slug,
                "name": group.name,
                "version": segmentation.version,
                "goal": segmentation.grouping.goal,
                "method": segmentation.grouping.method,
                "description": group.description,
                "definition": " ".join(group.definition),
            }
    for own in list_own(shop_id):
        yield {
            "kind": "own",
            "slug": own.slug,
            "name": own.name,
            "version": own.version,
            "goal": None,
            "method": "rule",
            "description": own.description,
            "definition": own.words,
        }


def playbook_rows(shop_id: int, *, now: datetime) -> Iterator[Row]:
    """Yield what to do with each segment that is shown."""
    plays = {slug: (name, archetype) for slug, name, archetype in _shown(shop_id)}
    kept = read_plays(shop_id, tuple({archetype for _, archetype in plays.values()}), now=now)
    for slug, (name, archetype) in plays.items():
        play = kept[archetype]
        words = play_words(play.play)
        yield {
            "slug": slug,
            "name": name,
            "archetype": archetype,
            **{key: " ".join(value) if isinstance(value, list) else value for key, value in words.items()},
            "max_depth_ratio": play.play.max_depth_ratio,
            "is_edited": play.is_edited,
            "is_review_due": play.is_review_due,
        }


def _live(shop_id: int) -> Segmentation | None:
    with transaction(shop_id) as connection:
        edges = find_edges(connection)
        return read_models(connection, edges).segmentation if edges else None


def _shown(shop_id: int) -> list[tuple[str, str, str]]:
    with transaction(shop_id) as connection:
        edges = find_edges(connection)
        if edges is None:
            return []
        models, shop = read_models(connection, edges), shop_settings.read(connection)
    if models.segmentation is None:
        return [(slug, name, slug) for slug, name in segment_names(shop, models).items()]
    groups = [(group.slug, group.name, group.archetype) for group in models.segmentation.grouping.groups]
    return [*groups, (PROSPECTS.slug, PROSPECTS.name, PROSPECTS.slug)]
