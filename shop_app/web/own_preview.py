"""What would be kept of segments of one's own: whom each would hold, what is new, what must be confirmed."""

from collections.abc import Mapping, Sequence

from shop_app.segments.grouping.rule_files import SegmentRule
from shop_app.segments.grouping.rules import rule_to_json
from shop_app.segments.special_categories import confirmation_words
from shop_app.services.own_segments import OwnStory, doubts, list_own, preview_own
from shop_app.web.formats import count
from shop_app.web.own_segments_page import Found, Preview
from shop_app.web.pages import Field

CONFIRMED = "yes"


def build_preview(
    shop_id: int, segments: Sequence[SegmentRule], *, save_url: str, kept: Mapping[str, str]
) -> Preview:
    """Count whom the segments would hold; ``kept`` carries them to where they are saved."""
    live = {story.slug: story for story in list_own(shop_id)}
    return Preview(
        save_url=save_url,
        button="Save" if len(segments) == 1 else f"Save {count(len(segments))} segments",
        kept=tuple(Field(name, value) for name, value in kept.items()),
        found=tuple(_found(shop_id, segment, live.get(segment.slug)) for segment in segments),
        doubts=tuple(
            dict.fromkeys(confirmation_words(doubt) for segment in segments for doubt in doubts(segment))
        ),
    )


def _found(shop_id: int, segment: SegmentRule, before: OwnStory | None) -> Found:
    preview = preview_own(shop_id, segment.rule)
    everybody = count(preview.of_count)
    words = (
        f"{count(preview.customer_count)} of {everybody} customers today"
        if preview.customer_count is not None
        else "How many they are is worked out when it is saved"
    )
    return Found(segment.name, f"Everybody who {preview.words}.", words, _change(segment, before))


def _change(segment: SegmentRule, before: OwnStory | None) -> str:
    if before is None:
        return "New"
    same = (before.name, before.description, before.rule)
    if same == (segment.name, segment.description, rule_to_json(segment.rule)):
        return "Unchanged"
    return f"Version {before.version + 1}"
