"""The screens in a real browser, wide and narrow: readable, quiet on the console, no sideways scroll."""

from datetime import timedelta

import pytest
from axe_findings import violations
from privacy_stories import EMAIL, a_body, a_person_everywhere, receive

from shop_app.clock import utc_now
from shop_app.services.erase import erase_due
from shop_app.services.find_customer import find_customer
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import erasure_ledger

pytestmark = pytest.mark.browser

SCREENS = {
    "segments": "/",
    "segments by revenue": "/?shade=revenue",
    "no segment found": "/?q=nothing",
    "one segment": "/segments/champions",
    "prospects": "/segments/prospects",
    "goal": "/goals",
    "own segments": "/own",
    "a new segment": "/own/new",
    "segments as a file": "/own/file",
    "versions": "/fits",
    "RFM groups": "/rfm",
    "report card before the first": "/report",
    "customers": "/customers",
    "a cell of the grid": "/customers?r=5&v=5",
    "one customer": "/customers/{person}",
    "data health": "/data-health",
    "activity": "/activity",
    "privacy": "/privacy",
}


GROUPED_SCREENS = {
    "published segments": "/",
    "one published segment": "/segments/one-and-done",
    "an RFM group": "/rfm/regulars",
    "movements": "/movements",
    "movements of no day": "/movements?from=2026-06-30",
    "report card": "/report",
    "fairness": "/report/fairness",
    "one customer": "/customers/{person}",
}


def open_screen(tab, address):
    tab.goto(address)
    wait_until_ready(tab)


def wait_until_ready(tab):
    """Wait for an attribute: a polled function would be an eval, which the page's policy forbids."""
    tab.locator("html[data-ready]").wait_for(state="attached")
    tab.locator("main:not([aria-busy])").wait_for(state="attached")


def with_shop(store, path):
    return f"{path}{'&' if '?' in path else '?'}shop={store.domain}".replace(" ", "+")


def is_wider_than_the_screen(tab):
    return tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def check(tab):
    assert violations(tab) == []
    assert not is_wider_than_the_screen(tab)
    assert tab.complaints == []


@pytest.mark.parametrize("screen", SCREENS)
def test_a_busy_shop_s_screens_are_sound(tab, site, busy_store, screen):
    person = find_customer(busy_store.shop_id, "p21@example.com")
    open_screen(tab, site + with_shop(busy_store, SCREENS[screen].format(person=person)))
    check(tab)


@pytest.mark.parametrize("screen", GROUPED_SCREENS)
def test_the_screens_of_a_shop_with_learned_groups_are_sound(tab, site, grouped_store, screen):
    person = find_customer(grouped_store.shop_id, "p21@example.com")
    tab.goto(site + with_shop(grouped_store, GROUPED_SCREENS[screen].format(person=person)))
    wait_until_ready(tab)
    tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    tab.complaints[:] = [each for each in tab.complaints if "400 (BAD REQUEST)" not in each]
    check(tab)


@pytest.mark.parametrize(
    "path", ["/", "/segments/best-customers", "/customers/{bob}", "/customers/{cat}", "/data-health"]
)
def test_an_odd_shop_s_screens_are_sound(tab, site, small_store, path):
    people = {name: find_customer(small_store.shop_id, f"{name}@example.com") for name in ("bob", "cat")}
    open_screen(tab, site + with_shop(small_store, path.format(**people)))
    check(tab)


def test_the_page_of_an_empty_shop_is_sound(tab, site, empty_store):
    open_screen(tab, site + with_shop(empty_store, "/"))
    assert "kindred import" in tab.inner_text("main")
    check(tab)


@pytest.fixture
def busy_with_requests(empty_store, tmp_path):
    erasure_ledger.keep_in(tmp_path)
    shop_id, now = empty_store.shop_id, utc_now()
    a_person_everywhere(shop_id, number=8, email="erased@example.com", order=9)
    receive(
        shop_id, "customers/redact", a_body(shop_id, number=8, email="erased@example.com", phone=None), at=now
    )
    erase_due(shop_id, now=now)
    a_person_everywhere(shop_id)
    renew_shop(shop_id, now=now)
    receive(shop_id, "customers/data_request", a_body(shop_id, asked=1), at=now - timedelta(days=8))
    receive(
        shop_id,
        "customers/data_request",
        a_body(shop_id, number=5, email="no@example.com", phone=None, asked=2),
    )
    receive(shop_id, "customers/redact", a_body(shop_id, number=7), at=now - timedelta(days=26))
    return empty_store


def test_the_privacy_page_is_sound_and_gives_the_data_out(tab, site, busy_with_requests, width):
    person = find_customer(busy_with_requests.shop_id, EMAIL)
    open_screen(tab, site + with_shop(busy_with_requests, f"/customers/{person}"))
    open_screen(tab, site + with_shop(busy_with_requests, "/privacy"))
    check(tab)
    with tab.expect_download() as waiting:
        tab.get_by_text("Download", exact=True).first.click()
    assert waiting.value.suggested_filename.startswith("data-request-")


def test_from_the_segments_to_one_customer_and_back(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/"))
    tab.evaluate("window.isStillHere = true")
    tab.locator(".segments").get_by_role("link", name="Champions", exact=True).click()
    tab.get_by_role("heading", name="Champions", level=1).wait_for()
    assert tab.title().startswith("Champions · ")
    assert tab.locator("#announce").text_content() == tab.title()
    assert tab.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "Champions"

    tab.get_by_role("region", name="Customers in Champions").get_by_role("link").nth(3).click()
    tab.get_by_role("heading", name="Orders", level=2).wait_for()
    assert "/customers/" in tab.url

    tab.go_back()
    tab.get_by_role("heading", name="Champions", level=1).wait_for()
    tab.go_back()
    tab.get_by_role("heading", name="Segments", level=1).wait_for()
    assert tab.evaluate("window.isStillHere") is True
    assert tab.complaints == []


def test_the_search_finds_a_customer_without_a_trace_in_the_address(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/customers"))
    tab.get_by_role("searchbox").fill("p21@example.com")
    tab.get_by_role("button", name="Find").click()
    tab.get_by_role("heading", name="Person 21 Example", level=1).wait_for()
    assert "p21" not in tab.url
    check(tab)


def test_a_search_in_vain_is_told_beside_the_field(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/customers"))
    tab.get_by_role("searchbox").fill("nobody@example.com")
    tab.keyboard.press("Enter")
    tab.get_by_text("Nobody in this shop has that e-mail address.").wait_for()
    check(tab)


def test_the_names_of_the_groups_are_changed_from_the_page(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/"))
    for vocabulary, name in (("putler", "Hibernating"), ("shopify", "Dormant")):
        tab.get_by_label("Names by").select_option(vocabulary)
        tab.get_by_role("button", name="Use these names").click()
        tab.locator(".segments").get_by_role("link", name=name, exact=True).wait_for()
        wait_until_ready(tab)
        assert tab.evaluate("scrollY") > 0
    assert tab.complaints == []


def test_a_play_is_changed_beside_its_segment_and_put_back(tab, site, grouped_store):
    open_screen(tab, site + with_shop(grouped_store, "/segments/one-and-done"))
    tab.get_by_text("Change this play").click()
    tab.get_by_label("What to write").fill("Write them a poem.")
    tab.get_by_label("Push message").check()
    tab.get_by_label("Least days between two messages").fill("400")
    tab.get_by_role("button", name="Save the play").click()
    tab.get_by_text("Must be a whole number from 1 to 90.").wait_for()
    wait_until_ready(tab)
    assert violations(tab) == []
    tab.get_by_label("Least days between two messages").fill("12")
    tab.get_by_role("button", name="Save the play").click()
    tab.get_by_text("Changed by you: channels, message and pause days.").wait_for()
    wait_until_ready(tab)
    assert tab.get_by_text("Write them a poem.").first.is_visible()
    tab.get_by_text("Change this play").click()
    tab.get_by_role("button", name="Go back to the recommended play").click()
    tab.get_by_text("As recommended.").wait_for()


def test_a_segment_is_written_counted_and_kept(tab, site, empty_store):
    open_screen(tab, site + with_shop(empty_store, "/own/new"))
    tab.get_by_label("Name", exact=True).fill("Regulars")
    tab.get_by_label("Any of these").check()
    tab.get_by_label("Condition 1: go by").select_option("order_count")
    tab.get_by_label("Condition 1: value").fill("many")
    tab.get_by_label("Condition 1: value").press("Enter")
    tab.get_by_text("Condition 1: Give a number").wait_for()
    wait_until_ready(tab)
    assert violations(tab) == []
    assert tab.get_by_label("Any of these").is_checked()
    tab.get_by_label("Condition 1: value").fill("3")
    tab.get_by_role("button", name="See whom it holds").click()
    tab.get_by_text("Everybody who ordered at least 3 times.").wait_for()
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("heading", name="Own segments", level=1).wait_for()
    wait_until_ready(tab)
    assert tab.get_by_role("link", name="Regulars", exact=True).is_visible()
    assert violations(tab) == []


def test_a_goal_of_one_s_own_is_kept(tab, site, empty_store):
    open_screen(tab, site + with_shop(empty_store, "/goals"))
    tab.get_by_label("A goal of your own", exact=True).check()
    tab.get_by_text("A goal of your own: its name").click()
    tab.get_by_label("Name of your goal").fill("Gift buyers")
    for feature in ("Orders", "Money spent"):
        tab.get_by_label(feature, exact=True).first.check()
    tab.get_by_role("button", name="Save").click()
    tab.get_by_text("The next learning goes by it").wait_for()
    wait_until_ready(tab)
    assert tab.evaluate("document.activeElement.id") == "said"
    assert tab.get_by_label("Name of your goal").input_value() == "Gift buyers"
    check(tab)


def test_the_shop_is_picked_from_the_bar(tab, site, busy_store, small_store):
    open_screen(tab, site + with_shop(busy_store, "/"))
    tab.get_by_label("Shop").select_option(small_store.domain)
    tab.get_by_text("Three groups are shown").wait_for()
    wait_until_ready(tab)
    check(tab)


def test_the_export_menu_works_by_keyboard(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/"))
    tab.get_by_role("button", name="Export", exact=True).focus()
    tab.keyboard.press("Enter")
    items = tab.get_by_role("menuitem")
    items.first.wait_for()
    assert violations(tab) == []
    tab.keyboard.press("ArrowDown")
    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith(".csv")
    assert tab.complaints == []


def test_a_figure_s_meaning_is_shown_on_focus_and_leaves_with_escape(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/"))
    tab.get_by_text("Repeat purchase rate").focus()
    meaning = tab.get_by_text("Share of customers with an order who have ordered at least twice.")
    meaning.wait_for()
    tab.keyboard.press("Escape")
    meaning.wait_for(state="hidden")


def test_every_cell_of_the_grid_is_reached_by_tab_and_explains_itself(tab, site, busy_store):
    open_screen(tab, site + with_shop(busy_store, "/"))
    tab.locator(".rfm a").first.focus()
    assert "customers" in tab.locator(".tip").text_content()
    for _ in range(24):
        tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement === [...document.querySelectorAll('.rfm a')].at(-1)")


def test_without_javascript_everything_is_there_and_forms_work(browser, site, busy_store, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + with_shop(busy_store, "/"))
    assert page.locator("h1").inner_text() == "Segments"
    assert page.locator(".segments tbody tr").count() == 11
    page.get_by_role("link", name="Champions", exact=True).last.click()
    assert page.locator("h1").inner_text() == "Champions"
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Customers").click()
    page.locator("input[name=q]").fill("p21@example.com")
    page.get_by_role("button", name="Find").click()
    assert page.locator("h1").inner_text() == "Person 21 Example"
    context.close()


def test_the_page_prints(browser, site, busy_store):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    open_screen(page, site + with_shop(busy_store, "/"))
    page.emulate_media(media="print")
    assert not page.locator(".bar").is_visible()
    assert page.locator(".segments").is_visible()
    assert page.pdf().startswith(b"%PDF")
    context.close()
