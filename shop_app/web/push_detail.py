"""One push: what it changes exactly, who is left out and why, what can be decided, and how far it is."""

from flask import url_for

from shop_app.clock import utc_now
from shop_app.services.describe_pushes import PushCard, PushStory
from shop_app.services.push_freshness import read_freshness
from shop_app.storage.pushes import TAKE_BACK
from shop_app.web.chosen_shop import ChosenShop
from shop_app.web.destination_pages import ConfirmPage, Deed
from shop_app.web.fit_words import person_name
from shop_app.web.formats import NOTHING, Formats, count, counted
from shop_app.web.pages import Choice, Fact, Link, Notice
from shop_app.web.push_pages import Decision, MoveRow, NameRow, PushPage, PushProgress
from shop_app.web.push_rows import change_row, download_link
from shop_app.web.push_words import ROW_NOTES, ROW_STATES, push_badge, push_sentence, settled_of
from shop_app.web.rendering import build_frame

PLACE = "pushes.index"
_REFRESH_SECONDS = 3
_PARTS = {"tags": "Tag", "lists": "List", "labels": "Label"}
_STANDS_STILL = ("paused", "stopped", "late", "waits")


def push_page(
    shop: ChosenShop, story: PushStory, said: tuple[Notice, ...] = (), segments_error: str = ""
) -> PushPage:
    """Write one push's page."""
    card = story.card
    shown = len(story.sample)
    total = sum(card.counts.values())
    return PushPage(
        frame=build_frame(f"Push {card.id}", shop, PLACE),
        back=Link("Pushes", url_for(PLACE)),
        heading=card.title,
        said=said,
        consent_words=story.consent_words,
        progress=push_progress(shop, card),
        decision=_decision(story, segments_error) if card.can_decide else None,
        moves=tuple(MoveRow(each.from_name, each.to_name, count(each.customers)) for each in story.moves),
        names=tuple(
            NameRow(each.name, _PARTS.get(each.part, each.part), _people(each.added), _people(each.removed))
            for each in story.names
        ),
        untouched_words=_untouched_words(story),
        tells_left_out=card.kind not in TAKE_BACK and card.state in ("open", "running"),
        left_out=tuple(
            f"{counted(number, 'customer')} {story.left_out_words[kind]}."
            for kind, number in sorted(story.left_out.items())
        ),
        rows=tuple(change_row(row) for row in story.sample),
        rows_words=f"The first {count(shown)} of {count(total)}." if total > shown else "",
        all_rows=Link(
            f"See all {counted(total, 'customer')}" if total else "See its customers",
            url_for("pushes.rows", push_id=card.id),
        ),
        download=download_link(card.id),
    )


def push_progress(shop: ChosenShop, card: PushCard) -> PushProgress:
    """Tell how far a push is; while it is being sent the page asks again by itself."""
    is_running = card.state == "running"
    total, settled = sum(card.counts.values()), settled_of(card)
    percent = 100 * settled // total if total else 0
    return PushProgress(
        refresh_url=url_for("pushes.live", push_id=card.id) if is_running else "",
        refresh_seconds=str(_REFRESH_SECONDS),
        announcement=f"{percent // 10 * 10} percent is through" if is_running else push_badge(card).heading,
        badge=push_badge(card),
        words=push_sentence(card),
        details=_details(shop, card, is_running=is_running),
        percent=str(percent) if is_running else "",
        facts=tuple(
            Fact(words, count(card.counts[state]), ROW_NOTES[state])
            for state, words in ROW_STATES.items()
            if card.counts.get(state) and not card.can_decide
        ),
        undo=Link("Undo", url_for("pushes.ask_undo", push_id=card.id)) if card.can_undo else None,
        reload=Link("Load this page again", url_for("pushes.show", push_id=card.id)) if is_running else None,
    )


def undo_page(shop: ChosenShop, card: PushCard) -> ConfirmPage:
    """Write the step before a push is taken back."""
    sent = card.counts.get("sent", 0)
    return ConfirmPage(
        frame=build_frame(f"Undo push {card.id}", shop, PLACE),
        back=Link(f"Push {card.id}", url_for("pushes.show", push_id=card.id)),
        heading=f"Undo push {card.id}?",
        sentences=(
            f"It changed {counted(sent, 'customer')}, who get back exactly what they held before.",
            "Whoever holds something else by now is let be, and so is every label that is not Kindred's.",
            f"{card.destination_name} is paused, so that the same is not sent again at once.",
            "Switch it on when you want to go on; the next plan waits for you.",
        ),
        deed=Deed(url_for("pushes.undo", push_id=card.id), "Undo it", f"Undo push {card.id}", "primary"),
        others=(Link("Leave it as it is", url_for("pushes.show", push_id=card.id)),),
    )


def decided_words(card: PushCard, formats: Formats) -> str:
    """Say who let a push go, or not, and when."""
    if card.decided_at is None:
        return NOTHING
    return f"{person_name(card.decided_by)}, {formats.moment(card.decided_at)}"


def _details(shop: ChosenShop, card: PushCard, *, is_running: bool) -> tuple[str, ...]:
    lines = [card.why] if card.why and card.can_decide else []
    lines.append(f"Made {shop.formats.moment(card.made_at)}.")
    if card.decided_at is not None:
        lines.append(f"Decided by {decided_words(card, shop.formats)}.")
    if card.note:
        lines.append(f"Note: {card.note}")
    if is_running:
        fresh = read_freshness(shop.id, now=utc_now())
        lines += [each.words for each in fresh if each.kind == card.destination and each.state in _STANDS_STILL]
        lines.append("You may leave this page; the sending goes on.")
    return tuple(lines)


def _decision(story: PushStory, segments_error: str) -> Decision:
    card = story.card
    segments = _segments(story)
    return Decision(
        next_words=(
            f"Approve, and exactly what is shown here is sent to {card.destination_name}.",
            "Whoever has changed since is not sent, but planned again.",
            "While it is being sent you can pause or stop it; afterwards you can undo it.",
        ),
        approve=Deed(
            url_for("pushes.approve", push_id=card.id), "Approve all", "Approve all of this plan", "primary"
        ),
        choose=Deed(url_for("pushes.approve", push_id=card.id), "Approve these", "Approve the ticked segments")
        if len(segments) > 1
        else None,
        segments=segments,
        segments_error=segments_error,
        reject=Deed(url_for("pushes.reject", push_id=card.id), "Turn down", "Turn this plan down"),
        reject_words="Nothing is sent, and the destination is paused, else the same plan would come again.",
        again=Deed(url_for("pushes.again", push_id=card.id), "Plan again", "Make this plan anew"),
        again_words="Makes the plan anew with what is true now.",
    )


def _segments(story: PushStory) -> tuple[Choice, ...]:
    """Return the segments that customers come to, the most customers first."""
    names: dict[str, str] = {}
    customers: dict[str, int] = {}
    for move in story.moves:
        names[move.to_slug] = move.to_name if move.to_slug else "No segment: their labels are taken away"
        customers[move.to_slug] = customers.get(move.to_slug, 0) + move.customers
    ordered = sorted(customers, key=lambda slug: -customers[slug])
    return tuple(
        Choice(slug or "none", f"{names[slug]} ({counted(customers[slug], 'customer')})", is_chosen=False)
        for slug in ordered
    )


def _untouched_words(story: PushStory) -> str:
    if not story.foreign_untouched:
        return ""
    tags = counted(story.foreign_untouched, "tag")
    return f"{tags} on these customers that Kindred did not write: not touched."


def _people(number: int) -> str:
    return count(number) if number else NOTHING
