"""What is expected of one customer, as ranges and never as single days, and what is known of their habits."""

from collections.abc import Mapping

from flask import url_for

from shop_app.services.customer_story import CustomerStory
from shop_app.web.customer_pages import Outlook
from shop_app.web.formats import Formats
from shop_app.web.outlook_words import expected_facts, habit_facts, missing_words
from shop_app.web.pages import Link


def customer_outlook(story: CustomerStory, published: Mapping[str, str], formats: Formats) -> Outlook | None:
    """Say what to expect of somebody who has ordered; ``None`` for anybody else.

    ``published`` says of each prediction why this shop does not publish it, "" where it does.
    """
    if not story.order_count:
        return None
    return Outlook(
        facts=expected_facts(story, formats),
        habits=habit_facts(story),
        missing=missing_words(story, published),
        report=Link("How good these predictions are", url_for("report.index")),
    )
