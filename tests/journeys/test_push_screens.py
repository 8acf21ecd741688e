"""The screens of destinations and pushes in a real browser, wide and narrow, and one way through them."""

import pytest
from pushing_shop import PushingStore
from test_screens import check, open_screen, with_shop

from shop_app.services.find_customer import find_customer

pytestmark = pytest.mark.browser

PUSHING_SCREENS = {
    "a plan waits": "/",
    "destinations": "/destinations",
    "one destination": "/destinations/shopify",
    "limits": "/destinations/choices",
    "taking everything back": "/destinations/shopify/take-back",
    "disconnecting": "/destinations/shopify/disconnect",
    "pushes": "/pushes",
    "an open plan": "/pushes/{plan}",
    "customers of a plan": "/pushes/{plan}/rows",
    "a push that was sent": "/pushes/{sent}",
    "undoing a push": "/pushes/{sent}/undo",
    "a labelled customer": "/customers/{person}",
    "a segment with a past": "/segments/best-customers",
}


@pytest.fixture(scope="module")
def pushing(tmp_path_factory, database):
    """A shop whose labels are at the Shopify stand-in, with another plan that waits."""
    store = PushingStore(tmp_path_factory.mktemp("pushing")).connected()
    numbers = {"sent": store.sent(), "plan": store.planned_again()}
    yield store, numbers | {"person": find_customer(store.shop_id, "ann3@example.com")}
    store.stop()


@pytest.mark.parametrize("screen", PUSHING_SCREENS)
def test_the_screens_of_a_shop_that_sends_its_labels_are_sound(tab, site, pushing, screen):
    store, numbers = pushing
    open_screen(tab, site + with_shop(store, PUSHING_SCREENS[screen].format(**numbers)))
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    check(tab)


@pytest.mark.parametrize("path", ["/destinations", "/destinations/shopify", "/destinations/choices", "/pushes"])
def test_a_shop_that_sends_nothing_yet_is_told_how_to(tab, site, small_store, path):
    open_screen(tab, site + with_shop(small_store, path))
    check(tab)


def test_a_destination_is_set_up_a_plan_approved_and_watched_until_it_is_sent(tab, site, tmp_path, database):
    store = PushingStore(tmp_path)
    open_screen(tab, site + with_shop(store, "/destinations"))
    tab.get_by_role("link", name="Set up: Shopify customers").click()
    tab.get_by_role("button", name="Test and save").click()
    tab.get_by_text("answered.").wait_for()
    tab.get_by_role("button", name="Switch Shopify customers on").click()
    tab.get_by_text("Switched on").wait_for()
    store.work()
    tab.get_by_role("link", name="Pushes").click()
    tab.get_by_role("link", name="Look closer and decide").click()
    tab.get_by_role("button", name="Approve all of this plan").click()
    tab.get_by_text("0 of 20 customers are through.").wait_for()
    store.work()
    tab.get_by_text("It has been sent.").wait_for()
    check(tab)
    tab.get_by_role("link", name="Undo").click()
    tab.get_by_role("button", name="Undo push").click()
    tab.get_by_text("What was sent is being taken back").wait_for()
    store.stop()


def test_without_javascript_a_plan_is_read_and_some_of_it_approved(browser, site, tmp_path, database, width):
    store = PushingStore(tmp_path).connected()
    plan = store.planned()
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + with_shop(store, f"/pushes/{plan}"))
    assert page.locator("h1").inner_text() == "Plan for Shopify customers: 20 customers"
    page.get_by_text("Approve only some segments").click()
    page.get_by_label("Best customers").check()
    page.get_by_role("button", name="Approve the ticked segments").click()
    assert page.get_by_text("customers are through.").is_visible()
    assert page.get_by_role("link", name="Load this page again").is_visible()
    context.close()
    store.stop()
