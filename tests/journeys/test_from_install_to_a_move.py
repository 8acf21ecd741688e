"""What a merchant lives through in the admin, every process running: install, look on, sell, see it move."""

import json
import re
import time

import pytest
from axe_findings import violations
from stack import CLIENT_ID, OTHER, SAMPLE, Stack, ask
from test_screens import is_wider_than_the_screen

pytestmark = pytest.mark.browser

QUIET = re.compile("^(Drifting away|Hibernating|Dormant|At risk|One-and-done)$")
"""Groups that an order takes somebody out of, whether they were learned by now or are those of a small shop."""

SECONDS_TO_MOVE = 20
"""It takes about two; a machine that runs other tests beside this one is given time."""


@pytest.fixture(scope="module")
def stack():
    with Stack(customers=60, web_workers=1) as running:
        running.start()
        running.wait_until_ready()
        yield running
        for name in list(running.processes):
            running.kill(name)  # what they are at is of no more interest


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    yield page
    context.close()


def admin_of(stack, shop, path=""):
    return f"{stack.origin}/store/{shop.removesuffix('.myshopify.com')}{path}"


def app_in(stack, shop, path=""):
    return admin_of(stack, shop, f"/apps/{CLIENT_ID}{path}")


def frame_of(tab, stack, heading, seconds=30):
    """Return the app's frame once it shows a page of that heading."""
    frame = tab.frame_locator("iframe")
    frame.locator(f"s-page[heading='{heading}']").wait_for(state="attached", timeout=seconds * 1000)
    frame.locator("html[data-ready]").wait_for(state="attached")
    return next(each for each in tab.frames if each.url.startswith(stack.app_url))


def install(tab, stack, shop):
    """Let the owner press the button, and look at the first reading until there are segments to see."""
    tab.goto(admin_of(stack, shop))
    tab.get_by_role("button", name="Install Kindred").click()
    frame = frame_of(tab, stack, "Reading the store")
    frame.get_by_role("progressbar", name="Share of the history that is read").wait_for()
    return frame


def customer_count(frame):
    """Return how many customers the list of all of them speaks of."""
    words = frame.locator("s-section[heading='All customers']").get_attribute("subheading")
    return int(re.match(r"[\d,]+", words).group().replace(",", ""))


def documents(stack, shop, kind):
    return json.loads(ask(f"{stack.origin}/_store/{shop}/{kind}")[1])


@pytest.fixture
def installed(tab, stack):
    """The sample store with its segments, installed by the first test that needs it."""
    if not getattr(stack, "is_installed", False):
        frame = install(tab, stack, SAMPLE)
        frame.get_by_role("link", name="See the segments").wait_for(timeout=60_000)
        stack.is_installed = True
    return SAMPLE


def test_a_store_is_installed_and_read_while_its_owner_looks_on(tab, stack):
    ask(f"{stack.origin}/_settings", {"bulk_rate": 400})
    frame = install(tab, stack, SAMPLE)
    ask(f"{stack.origin}/_settings", {"bulk_rate": None})
    assert violations(frame) == []
    assert not is_wider_than_the_screen(frame)
    tab.get_by_role("link", name="Customers", exact=True).last.click()  # the app's own, below its name
    frame_of(tab, stack, "No segments yet").get_by_role("link", name="See how far it is").click()
    frame = frame_of(tab, stack, "Reading the store")

    frame.locator("#reading").get_by_text("All of the store's history is read").wait_for(timeout=60_000)
    stack.is_installed = True  # it came by itself: nobody has loaded the page anew
    frame.get_by_role("link", name="See the segments").click()
    frame = frame_of(tab, stack, "Segments")
    assert frame.locator(".segments tbody tr").count() >= 3
    assert violations(frame) == []
    assert tab.context.cookies(stack.app_url) == []
    assert tab.complaints == []


def test_an_order_placed_in_the_admin_moves_its_customer_within_seconds(tab, stack, installed):
    tab.goto(app_in(stack, installed, "/"))
    quiet = frame_of(tab, stack, "Segments").locator(".segments tbody th a", has_text=QUIET).first
    segment = quiet.inner_text()
    quiet.click()
    frame_of(tab, stack, segment).locator(".tbl a[href^='/customers/']").first.click()
    tab.wait_for_url("**/customers/*")
    page = tab.url
    tab.frame_locator("iframe").get_by_role("link", name="Open in Shopify").click()
    tab.get_by_role("heading", name="Metafields").wait_for()  # the admin's own page of the same person
    name = tab.get_by_role("heading", level=1).inner_text()

    tab.get_by_role("button", name="Place an order").click()
    tab.locator("main [role=status]").wait_for()
    placed_at = time.monotonic()
    tab.goto(page)
    while not has_moved(frame_of(tab, stack, name), segment):
        assert time.monotonic() - placed_at < SECONDS_TO_MOVE
        tab.goto(page)
    assert tab.complaints == []


def has_moved(frame, segment):
    """Tell whether a customer's page shows the new order in its figures, and the way out of a segment."""
    last_order = frame.locator("dt", has_text="Last order").locator("+ dd").inner_text()
    return last_order.startswith("under a day") and frame.get_by_text(f"From {segment} to ").count()


def test_a_second_store_sees_nothing_of_the_first(tab, stack, installed):
    tab.goto(app_in(stack, installed, "/customers"))
    theirs = frame_of(tab, stack, "Customers")
    of_first = theirs.locator(".tbl tbody th a").first.get_attribute("href")
    emails_of_first = {each["email"] for each in documents(stack, SAMPLE, "customer") if each["email"]}

    frame = install(tab, stack, OTHER)
    frame.get_by_role("link", name="See the segments").click(timeout=60_000)
    frame_of(tab, stack, "Segments")
    tab.goto(app_in(stack, OTHER, "/customers"))
    frame = frame_of(tab, stack, "Customers")
    assert customer_count(frame) <= len(documents(stack, OTHER, "customer"))
    words = frame.content()
    assert not {email for email in emails_of_first if email in words}
    assert "Thistle" not in words

    tab.goto(app_in(stack, OTHER, of_first))
    frame_of(tab, stack, "Not found")
    tab.goto(app_in(stack, OTHER, f"/customers?shop={SAMPLE}"))  # the admin keeps its own names for itself
    assert customer_count(frame_of(tab, stack, "Customers")) <= len(documents(stack, OTHER, "customer"))
