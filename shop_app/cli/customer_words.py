"""One customer as a person reads them."""

from collections.abc import Mapping, Sequence

import click

from shop_app.cli.shop_choice import print_pairs, print_table
from shop_app.services.customer_story import CustomerStory, OrderStory
from shop_app.services.money_words import money_words
from shop_app.services.push_of_customer import CustomerAt
from shop_app.web.formats import NOTHING, Formats, decimal, percent
from shop_app.web.outlook_words import expected_facts, habit_facts, missing_words
from shop_app.web.pages import Fact


def print_customer(
    story: CustomerStory, unpublished: Mapping[str, str], places: Sequence[CustomerAt] = ()
) -> None:
    """Print all there is: who, which segment and why, what to expect, orders, rows, moves, destinations."""
    formats = Formats(story.currency, story.timezone)
    click.echo(f"{story.name or story.email or 'Somebody whose name is not known'} (id:{story.customer_id})")
    click.echo(story.reason)
    for words in story.why:
        click.echo(f"  {words}")
    _print_list("What would move them", story.moves)
    click.echo()
    print_pairs({name: value for name, value in _details(story, formats).items() if value not in ("", NOTHING)})
    _print_outlook(story, unpublished, formats)
    _print_list("Marks", [mark.words for mark in story.marks])
    _print_orders(story, formats)
    _print_rows(story)
    for change in story.changes:
        moved = f"{change.from_name or 'nowhere'} to {change.to_name or 'nowhere'}"
        click.echo(f"{formats.date(change.changed_at)}  moved from {moved}")
    for place in places:
        _print_place(place, formats)


def _print_place(place: CustomerAt, formats: Formats) -> None:
    """Print what one destination holds of the customer, what is to come, and what is held back."""
    click.echo(f"\n{place.name}: {place.words}")
    if place.acknowledged_at is not None:
        click.echo(f"  Confirmed {formats.moment(place.acknowledged_at)}.")
    wanted = [] if place.wanted == place.holds else place.wanted
    for title, things in (("There", place.holds), ("Wanted", wanted)):
        if things:
            click.echo("\n    ".join([f"  {title}", *things]))
    for words, until in place.guards:
        click.echo(f"  {words}" + (f" Until {formats.moment(until)}." if until else ""))


def _print_list(title: str, sentences: Sequence[str]) -> None:
    if sentences:
        click.echo(f"\n{title}")
    for words in sentences:
        click.echo(f"  {words}")


def _details(story: CustomerStory, formats: Formats) -> dict[str, str]:
    figures = {
        "Orders": f"{story.order_count:,}",
        "Spent": formats.money(story.total_spent),
        "Average order": formats.money(story.average_order_value),
        "First order": formats.date(story.first_order_at),
        "Last order": formats.date(story.last_order_at),
        "Usual days between orders": decimal(story.interval_median_days),
        "Items an order": decimal(story.items_per_order),
        "Orders with a discount": percent(story.discount_share_ratio),
        "Refunded": percent(story.refund_rate_ratio),
        "Buys most from": story.top_category or "",
    }
    return {
        "E-mail": story.email,
        "Phone": story.phone,
        "Country": story.country or "",
        "Tags": ", ".join(story.tags),
        "RFM group": "" if story.rfm_group == story.segment else story.rfm_group_name,
        "Segments of your own": ", ".join(story.own_segments),
        "As of": formats.moment(story.as_of),
        **(figures if story.order_count else {}),
    }


def _print_outlook(story: CustomerStory, unpublished: Mapping[str, str], formats: Formats) -> None:
    if not story.order_count:
        return
    facts, missing = expected_facts(story, formats), missing_words(story, unpublished)
    _print_facts("What to expect", facts)
    if missing and not facts:
        click.echo("\nWhat to expect")
    for words in missing:
        click.echo(f"  {words}")
    _print_facts("Habits", habit_facts(story))


def _print_facts(title: str, facts: Sequence[Fact]) -> None:
    if facts:
        click.echo(f"\n{title}")
        print_pairs({f"  {fact.name}": _fact_words(fact) for fact in facts})


def _fact_words(fact: Fact) -> str:
    if not fact.note:
        return fact.value
    return f"{fact.value}{' ' if fact.note.startswith('and ') else ', '}{fact.note}"


def _print_orders(story: CustomerStory, formats: Formats) -> None:
    if not story.orders:
        return
    click.echo()
    print_table(
        ["Order", "Date", "Paid", "Refunded", "Net", "Does it count?"],
        [_order_row(order, formats) for order in story.orders],
        right=(2, 3, 4),
    )
    if story.older_order_count:
        click.echo(f"and {story.older_order_count:,} older orders")
    for refund in story.loose_refunds:
        given = formats.date(refund.refunded_at)
        click.echo(f"{given}  {formats.money(refund.amount)} given back, for no order that is known")


def _order_row(order: OrderStory, formats: Formats) -> list[str]:
    paid = formats.money(order.paid) if order.paid is not None else money_words(order.total, order.currency)
    return [
        order.name,
        formats.date(order.processed_at),
        paid,
        formats.money(order.refunded),
        formats.money(order.net_revenue),
        order.words or "yes",
    ]


def _print_rows(story: CustomerStory) -> None:
    click.echo()
    if len(story.identities) == 1:
        return
    click.echo(f"Made of {len(story.identities)} customers; `kindred split id:…` keeps one of them apart.")
    for row in story.identities:
        why = f", {row.why}" if row.why else ""
        click.echo(f"  id:{row.customer_id}  {row.email or row.phone}  {row.order_count:,} orders{why}")
    click.echo()
