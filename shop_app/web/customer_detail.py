"""One customer's page apart from the orders: figures, marks, identities, moves."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from shop_app.services.customer_story import ChangeStory, CustomerStory, IdentityStory
from shop_app.web.customer_outlook import customer_outlook
from shop_app.web.customer_pages import Change, CustomerPage, Identity, Mark
from shop_app.web.cut_offs import segment_tones
from shop_app.web.formats import NOTHING, Formats, count, counted, days, percent
from shop_app.web.order_timeline import (
    ORDERS_A_PAGE,
    draw_timeline,
    order_lines,
    refund_words,
    timeline_words,
)
from shop_app.web.pages import Fact, Frame, Link

Summary = dict[str, Any]

_MEASURES = {"recency": "Recency", "frequency": "Orders", "monetary": "Spend"}
_SALE = {True: "objected to it", False: "did not object", None: ""}
_CONSENT = {
    "subscribed": "yes",
    "unsubscribed": "no, withdrawn",
    "not_subscribed": "no",
    "pending": "asked, not confirmed yet",
    "redacted": "no, erased in Shopify",
    "invalid": "no, it cannot be reached",
}


def customer_page(
    story: CustomerStory,
    summary: Summary,
    page_number: int,
    formats: Formats,
    frame: Frame,
    in_shopify: Link | None,
    published: Mapping[str, str],
) -> CustomerPage:
    """Write one customer's story; ``page_number`` is that of the list of orders, from 1.

    ``published`` says of each prediction why this shop does not publish it, "" where it does; it is empty where
    nothing was learned yet.
    """
    has_groups = summary["grouping"] is not None
    return CustomerPage(
        frame=frame,
        back=Link("Customers", url_for("customers.index")),
        in_shopify=in_shopify,
        heading=display_name(story),
        segment=Link(story.segment_name, url_for("segments.show", slug=story.segment)),
        tone=segment_tones(summary).get(story.segment, 0),
        since=f"since {formats.date(story.segment_since)}" if story.segment_since else "",
        reason=story.reason,
        why=story.why,
        moves=story.moves,
        own_segments=story.own_segments,
        rfm_group=_rfm_group(story) if has_groups else None,
        outlook=customer_outlook(story, published, formats) if has_groups else None,
        marks=tuple(Mark(_MEASURES[mark.measure], mark.mark, _sentence(mark.words)) for mark in story.marks),
        kpis=_kpis(story, formats),
        details=_details(story, formats),
        timeline=draw_timeline(story, formats),
        timeline_words=timeline_words(story),
        orders=order_lines(story, page_number, formats),
        pages=_order_pages(story, page_number),
        loose_refunds=tuple(refund_words(refund, formats) for refund in story.loose_refunds),
        identities=_identities(story),
        changes=tuple(_change(change, formats) for change in story.changes),
    )


def display_name(story: CustomerStory) -> str:
    """Return what the customer is called, as far as anything is known."""
    return story.name or story.email or f"Customer {story.customer_id}"


def _rfm_group(story: CustomerStory) -> Link:
    return Link(story.rfm_group_name, url_for("rfm.show", slug=story.rfm_group))


def _kpis(story: CustomerStory, formats: Formats) -> tuple[Fact, ...]:
    usual = story.interval_median_days
    if story.recency_days is None:
        first, since, last = "none so far", NOTHING, "no order yet"
    else:
        first, last = f"first {formats.date(story.first_order_at)}", formats.date(story.last_order_at)
        since = f"{days(story.recency_days)} ago"
    return (
        Fact("Orders that count", count(story.order_count), first),
        Fact("Spent", formats.money(story.total_spent), "less refunds"),
        Fact("Average order", formats.money(story.average_order_value), _discount_words(story)),
        Fact(
            "Usual gap",
            days(usual),
            "between orders" if usual is not None else "known from two orders on",
        ),
        Fact("Last order", since, last),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _discount_words(story: CustomerStory) -> str:
    if story.discount_share_ratio is None:
        return "no order yet"
    if not story.discount_share_ratio:
        return "no order with a discount"
    return f"{percent(story.discount_share_ratio)} of orders with a discount"


def _details(story: CustomerStory, formats: Formats) -> tuple[Fact, ...]:
    """Return what is known of the person, and nothing that is not."""
    facts = {
        "E-mail": story.email,
        "Phone": story.phone,
        "E-mail marketing": _CONSENT.get(story.email_consent or "", ""),
        "SMS marketing": _CONSENT.get(story.sms_consent or "", ""),
        "Sale of data": _SALE[story.data_sale_opt_out],
        "Country": story.country or "",
        "Customer since": formats.date(story.created_at) if story.created_at else "",
        "Came by": story.signup_source or "",
        "Buys most from": story.top_category or "",
        "Tags": ", ".join(story.tags),
        "Shopify id": str(story.shopify_id or ""),
        "Kindred id": str(story.customer_id),
    }
    return tuple(Fact(name, value) for name, value in facts.items() if value)


def _order_pages(story: CustomerStory, page_number: int) -> tuple[Link, ...]:
    last = max(1, -(-len(story.orders) // ORDERS_A_PAGE))
    turns = {"Newer orders": page_number - 1, "Older orders": page_number + 1}
    return tuple(
        Link(text, url_for("customers.show", customer_id=story.customer_id, page=number, _anchor="orders"))
        for text, number in turns.items()
        if 1 <= number <= last
    )


def _identities(story: CustomerStory) -> tuple[Identity, ...]:
    """Return the rows that make the person, unless there is one only and nothing was decided about it."""
    if len(story.identities) == 1 and not story.identities[0].kept_apart:
        return ()
    return tuple(_identity(identity, story) for identity in story.identities)


def _identity(identity: IdentityStory, story: CustomerStory) -> Identity:
    """Offer what can be done: the person's own row stays, another can be parted, a parted one rejoined."""
    action, text = "", ""
    if identity.kept_apart:
        action = url_for("customers.put_together", customer_id=identity.customer_id)
        text = "Put together again"
    elif identity.customer_id != story.customer_id:
        action = url_for("customers.part", customer_id=identity.customer_id)
        text = "Keep apart"
    known = (identity.email, identity.phone, counted(identity.order_count, "order"))
    name = identity.name or identity.email or identity.source_key or str(identity.customer_id)
    return Identity(
        name=name,
        details=", ".join(each for each in known if each and each != name),
        why=_why_here(identity, story),
        action=action,
        action_text=text,
    )


def _why_here(identity: IdentityStory, story: CustomerStory) -> str:
    if identity.kept_apart:
        return "kept apart by you"
    if identity.customer_id == story.customer_id:
        return "this customer"
    return identity.why


def _change(change: ChangeStory, formats: Formats) -> Change:
    if change.from_name is None:
        text = f"Joined {change.to_name}"
    elif change.to_name is None:
        text = f"Left {change.from_name}"
    else:
        text = f"From {change.from_name} to {change.to_name}"
    return Change(formats.date(change.changed_at), text)
