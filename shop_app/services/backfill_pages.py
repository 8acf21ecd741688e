"""A part read page by page, where Shopify does not give it in bulk: slower, and to the same end."""

from shop_app.services.backfill_plan import search_of
from shop_app.services.backfill_step import Step
from shop_app.services.backfill_taking import forget_untold, told_of, write_told
from shop_app.services.page_reading import Page, iter_pages
from shop_app.storage import backfills
from shop_app.storage.backfills import Part
from shop_app.storage.conflicts import starting_over
from shop_app.storage.engine import transaction


def read_pages(step: Step, part: Part) -> None:
    """Read pages from where the part is, each of them a transaction, as long as the step has time.

    What is changed meanwhile may slip from page to page; the reading of changes at the end makes up for it.
    """
    if part.asked_at is None:
        now = step.clock.now()
        part = step.change(part, asked_at=now, began_at=part.began_at or now)
    began = step.clock.elapsed_seconds()
    for page in iter_pages(step.api, part.resource, search_of(part), cursor=part.cursor):
        seconds = step.clock.elapsed_seconds() - began
        part = _take(step, part, page, seconds)
        began = step.clock.elapsed_seconds()
        if page.cursor is None or not step.clock.has_time():
            return


def _take(step: Step, part: Part, page: Page, seconds: float) -> Part:
    """Write a page and where the next one begins, both or neither."""
    told_at = part.asked_at or step.clock.now()
    told = told_of(step, part.resource, page.nodes, None, told_at)
    is_last = page.cursor is None

    def work() -> Part:
        with transaction(step.shop_id) as connection:
            write_told(connection, step, told, told_at)
            if is_last:
                forget_untold(connection, step, part)
            backfills.change_part(
                connection,
                part,
                cursor=page.cursor,
                taken_count=part.taken_count + len(page.nodes),
                work_seconds=part.work_seconds + seconds,
                stumbles=0,
                error=None,
                state="done" if is_last else "reading",
                ended_at=step.clock.now() if is_last else None,
            )
            step.hold(connection)
            return backfills.find_part(connection, part.backfill_id, part.name)

    return starting_over(work)
