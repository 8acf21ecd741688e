"""The screens of bundles in a real browser, wide and narrow, and the way from a candidate to an approval."""

import pytest
from bundle_shop import BundleShop
from stored_rows import a_shop
from test_screens import check, open_screen, with_shop

from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.decide_bundles import approve_bundle
from shop_app.services.describe_offers import describe_offer, list_offers
from shop_app.services.draft_bundles import draft_bundle

pytestmark = pytest.mark.browser

SCREENS = (
    "",
    "?show=left-out",
    "/candidate?key={key}",
    "/pairs",
    "/sequences",
    "/live",
    "/live/{draft}",
    "/rules",
)


@pytest.fixture
def selling(database):
    """A shop in Shopify whose baskets were looked at."""
    store = BundleShop(a_shop()).connected()
    store.looked_at()
    return store


def drafted(store):
    made = store.made(Form.FIXED)
    draft = draft_bundle(
        store.shop_id, made.terms, title="Set", facts=made.to_json(), who="local", at=utc_now()
    )
    return draft, made.key.replace(">", "%3E").replace(":", "%3A")


def test_the_screens_of_bundles_are_sound(tab, site, selling):
    draft, key = drafted(selling)
    for path in SCREENS:
        open_screen(tab, site + with_shop(selling, f"/bundles{path.format(draft=draft.id, key=key)}"))
        check(tab)


def test_a_candidate_becomes_a_draft_and_is_approved_as_it_was_shown(tab, site, selling):
    open_screen(tab, site + with_shop(selling, "/bundles"))
    tab.get_by_role("link", name="Tea pot, then Cup").click()
    tab.get_by_text("Expected extra margin in 90 days").wait_for()
    tab.get_by_label("Discount").fill("99")
    tab.get_by_role("button", name="Make a draft").click()
    tab.get_by_text("Your rules allow 20 percent at the most.").first.wait_for()
    tab.get_by_label("Discount").fill("12")
    tab.get_by_label("Code").fill("TEATIME")
    tab.get_by_role("button", name="Make a draft").click()
    tab.get_by_text("It waits for your approval below.").wait_for()
    tab.get_by_role("button", name="Approve Tea pot, then Cup").click()
    tab.get_by_text("exactly as it stands here").wait_for()
    (made,) = list_offers(selling.shop_id)
    assert (made.state, made.terms.discount_percent, made.terms.code) == ("approved", 12, "TEATIME")


def test_without_javascript_a_bundle_is_read_and_taken_down(browser, site, selling, width):
    draft, _ = drafted(selling)
    about = {"who": "local", "at": utc_now(), "fingerprint": draft.fingerprint}
    approve_bundle(selling.shop_id, draft.id, **about)
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + with_shop(selling, f"/bundles/live/{draft.id}"))
    assert page.locator("h1").inner_text() == "Set"
    page.get_by_role("link", name="Take it down").click()
    page.get_by_role("button", name="Take down Set").click()
    assert page.get_by_text("takes everything of it out of Shopify").is_visible()
    assert describe_offer(selling.shop_id, draft.id).bundle.state == "retired"
    context.close()
