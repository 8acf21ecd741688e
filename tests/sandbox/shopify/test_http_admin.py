"""The admin in a real browser, with the app in its frame and the double of App Bridge between them."""

import pytest
from axe_findings import violations
from stand_in_and_app import TEA, StandInAndApp
from tiny_app import CLIENT_ID

pytestmark = pytest.mark.browser

APP = f"/store/tea-shop/apps/{CLIENT_ID}"
PAGES = [
    "/",
    "/store/tea-shop",
    "/store/tea-shop/orders",
    "/store/tea-shop/orders/{order}",
    "/store/tea-shop/customers",
    "/store/tea-shop/customers/1",
    "/store/tea-shop/products",
    "/store/tea-shop/products/101",
    "/store/tea-shop/segments",
    "/store/tea-shop/segments/1",
    "/store/tea-shop/discounts",
    "/store/tea-shop/webhooks",
    APP,
    f"/store/rival-shop/apps/{CLIENT_ID}",
]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    both = StandInAndApp(tmp_path_factory.mktemp("admin") / "stores.sqlite")
    both.install()
    both.order = both.deed("place_order", customer_id=1, lines=[{"variantId": 1001, "quantity": 2}])["order_id"]
    both.deed("edit_customer", customer_id=1, add_tags=["seg:loyal", "<b>bold</b>"])
    segment = {"id": 1, "name": "Loyal", "query": "customer_tags CONTAINS 'seg:loyal'"}
    both.world.state.put(TEA, "segment", segment | {"creationDate": "2026-11-01T00:00:00Z"})
    both.world.state.put(TEA, "segment", segment | {"lastEditDate": "2026-11-01T00:00:00Z"})
    yield both
    both.stop()


@pytest.fixture(scope="module")
def window(browser, both):
    """One window for all tests, which keeps what it has loaded once."""
    context = browser.new_context(base_url=both.origin)
    yield context
    context.close()


@pytest.fixture
def tab(window, both, request):
    """A page that remembers what went wrong in it."""
    page = window.new_page()
    page.set_viewport_size({"width": getattr(request, "param", 1280), "height": 900})
    page.complaints = []
    page.on("console", lambda told: told.type in ("error", "warning") and page.complaints.append(told.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.set_default_timeout(10_000)
    both.app.refuse_once = False
    yield page
    page.close()


def open_app(tab, path=""):
    tab.goto(APP + path)
    return settled(tab)


def settled(tab):
    tab.locator("iframe[data-ready]").wait_for()
    frame = tab.frame_locator("iframe")
    frame.locator("#shop").wait_for()
    return frame


def test_the_app_is_installed_and_opens_in_its_frame(tab, both):
    both.deed("uninstall", redact=False)
    tab.goto("/store/tea-shop")
    tab.get_by_role("button", name="Install Kindred").click()
    assert settled(tab).locator("#shop").inner_text() == TEA
    assert tab.url.endswith(APP)
    assert tab.get_by_text("Stand-in admin").is_visible()
    assert both.world.state.count(TEA, "token")
    assert tab.complaints == []


def test_an_app_that_wants_more_asks_at_its_next_open(tab, both):
    both.deed("change_shop", grantedScopes=["read_orders"])
    tab.goto(APP)
    tab.get_by_role("button", name="Update").click()
    assert settled(tab).locator("#shop").inner_text() == TEA


def test_fetches_carry_what_app_bridge_adds(tab):
    frame = open_app(tab)
    frame.locator("#fetch").click()
    frame.get_by_text(f"XMLHttpRequest en-US {TEA}").wait_for()


def test_a_bad_id_token_is_replaced_once(tab, both):
    frame = open_app(tab)
    both.app.visits.clear()
    both.app.refuse_once = True
    frame.locator("#fetch").click()
    frame.get_by_text("XMLHttpRequest").wait_for()
    assert [visit["path"] for visit in both.app.visits] == ["/data", "/data"]


def test_the_side_menu_navigates_by_the_apps_own_link_or_by_a_new_load(tab, both):
    frame = open_app(tab)
    both.app.visits.clear()
    tab.get_by_role("link", name="Bundles").click()
    frame.get_by_text("bundles, without a load").wait_for()
    tab.wait_for_url(f"**{APP}/bundles")
    assert both.app.visits == []
    menu = tab.get_by_role("list", name="Kindred")
    assert menu.get_by_role("link", name="Bundles").get_attribute("aria-current") == "page"
    menu.get_by_role("link", name="Segments").click()
    frame.get_by_role("heading", name="/segments").wait_for()
    tab.wait_for_url(f"**{APP}/segments")
    assert "id_token=" in both.app.visits[0]["url"]
    assert menu.get_by_role("link", name="Home").count() == 0


def test_a_plain_link_bounces_and_the_page_works_after_it(tab, both):
    frame = open_app(tab)
    both.app.visits.clear()
    frame.locator("#plain").click()
    frame.get_by_role("heading", name="/segments").wait_for()
    tab.wait_for_url(f"**{APP}/segments")
    assert [(visit["header"], visit["bounce"]) for visit in both.app.visits] == [(False, False), (True, True)]
    frame.locator("#fetch").click()
    frame.get_by_text("XMLHttpRequest").wait_for()
    tab.get_by_role("link", name="Bundles").click()
    frame.get_by_text("bundles, without a load").wait_for()
    assert tab.complaints == []


def test_reload_back_and_a_deep_link_come_to_the_same_place(tab):
    frame = open_app(tab, "/segments?sort=name")
    assert frame.get_by_role("heading", name="/segments").is_visible()
    assert tab.url.endswith(f"{APP}/segments?sort=name")
    tab.reload()
    settled(tab).get_by_role("heading", name="/segments").wait_for()
    frame.locator("#out").click()
    tab.wait_for_url("**/store/tea-shop/customers")
    tab.go_back()
    settled(tab).get_by_role("heading", name="/segments").wait_for()


def test_the_app_may_send_the_whole_window_elsewhere_in_the_admin(tab):
    open_app(tab).locator("#top").click()
    tab.wait_for_url("**/store/tea-shop/orders")


def test_toasts_and_the_save_bar_are_the_admins(tab):
    frame = open_app(tab)
    frame.locator("#toast").click()
    tab.get_by_role("status").get_by_text("Kept for you").wait_for()
    frame.get_by_label("Name").fill("x")
    tab.get_by_role("button", name="Discard").click()
    assert frame.get_by_label("Name").input_value() == ""
    frame.get_by_label("Name").fill("y")
    tab.get_by_role("button", name="Save", exact=True).click()
    frame.get_by_text("form was sent").wait_for()
    tab.get_by_role("button", name="Save", exact=True).wait_for(state="hidden")


def test_optional_scopes_are_the_owners_to_grant(tab, both):
    frame = open_app(tab)
    frame.locator("#ask").click()
    tab.get_by_role("button", name="Not now").click()
    frame.get_by_text("declined-all").wait_for()
    frame.locator("#ask").click()
    tab.get_by_role("button", name="Allow").click()
    frame.get_by_text("granted-all").wait_for()
    assert "write_products" in next(both.world.state.each(TEA, "shop"))["grantedScopes"]


def test_the_app_alone_in_a_window_goes_to_the_admin(tab, both):
    tab.goto(f"{both.app.url}/auth/bounce?shop={TEA}&shopify-reload=/segments")
    tab.wait_for_url(f"**{APP}/segments")
    settled(tab).get_by_role("heading", name="/segments").wait_for()


def test_a_foreign_parent_gets_no_id_token(tab, both):
    tab.route(
        "http://evil.example/", lambda route: route.fulfill(body=FOREIGN.format(url=both.app.url, shop=TEA))
    )
    tab.goto("http://evil.example/")
    tab.wait_for_timeout(800)
    heard = tab.evaluate("window.heard")
    assert heard == []


FOREIGN = """<!doctype html>
<script>window.heard = []; addEventListener('message', event => heard.push(event.data));</script>
<iframe src="{url}/auth/bounce?shop={shop}&shopify-reload=/segments"></iframe>"""


def test_a_button_does_its_deed_and_says_so(tab, both):
    tab.goto("/store/tea-shop/customers/1")
    tab.get_by_label("Add tags").fill("by hand, <i>")
    tab.get_by_role("button", name="Edit customer").click()
    tab.get_by_role("status").get_by_text("Edit a customer: done").wait_for()
    assert tab.locator("#tags").get_by_text("by hand").is_visible()
    assert both.world.state.find(TEA, "customer", 1)["tags"][0] == "<b>bold</b>"
    tab.goto("/store/tea-shop")
    before = both.world.state.count(TEA, "order")
    tab.get_by_role("button", name="Place an order").press("Enter")
    tab.get_by_text("Place an order: done").wait_for()
    assert both.world.state.count(TEA, "order") == before + 1
    assert tab.complaints == []


@pytest.mark.parametrize("tab", [1280, 420], indirect=True)
def test_every_page_is_quiet_fits_and_is_open_to_everybody(tab, both):
    narrow = tab.viewport_size["width"] < 1000
    for address in PAGES:
        tab.goto(address.format(order=both.order))
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        if narrow and address not in PAGES[:4]:
            continue  # the same markup, and the check takes half a second
        assert violations(tab, runOnly=["wcag2a", "wcag2aa"], iframes=False) == [], address
    assert tab.complaints == []


def test_who_goes_astray_finds_the_way_back(tab):
    for path in ("/store/no-such-shop", "/store/tea-shop/orders/404"):
        assert tab.goto(path).status == 404
        tab.get_by_role("link", name="All stores").last.click()
        assert tab.get_by_role("heading", name="Stores").is_visible()


@pytest.mark.parametrize("tab", [420], indirect=True)
def test_the_menu_opens_and_closes_by_keyboard_on_a_narrow_screen(tab):
    tab.goto("/store/tea-shop")
    button = tab.get_by_role("button", name="Menu")
    assert not tab.get_by_role("link", name="Customers").is_visible()
    button.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    tab.get_by_role("link", name="Customers").press("Escape")
    assert not tab.get_by_role("link", name="Customers").is_visible()
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Customers").press("Enter")
    tab.wait_for_url("**/customers")
