"""The app in the admin's frame, in a real browser: no cookie, no form, no plain download carries it there."""

import http.server
import socket
import threading
from datetime import timedelta

import pytest
from admin import Admin, shop_id_of
from bundle_shop import BundleShop
from tellings import a_customer, a_line, an_order, frames, tell
from web_stores import NOW
from werkzeug.serving import make_server

from sandbox.shopify import sessions
from shop_app.bundles.terms import Form
from shop_app.clock import utc_now
from shop_app.services.describe_offers import describe_offer
from shop_app.services.draft_bundles import draft_bundle
from shop_app.services.renew_shop import renew_shop
from shop_app.storage import shop_settings
from shop_app.storage.engine import transaction
from shop_app.storage.known_fields import Authority

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def admin(settings, database, tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    made = Admin(tmp_path_factory.mktemp("shopify"), settings, app_url=f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, made.app, threaded=True)
    server.log_startup = lambda: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
    made.stop()


@pytest.fixture(scope="module")
def shop(admin):
    """A store with a few dozen people in it, installed and read."""
    made = admin.store()
    assert admin.load(made).status_code == 200
    with transaction(shop_id_of(made)) as connection:
        shop_settings.write_currency(connection, "EUR")
    people = [a_customer(f"p{n}@example.com", first_name=f"Person {n}", last_name="Tea") for n in range(40)]
    orders = [
        an_order(
            f"#{n}-{turn}",
            customer_ref=f"p{n}@example.com",
            processed_at=NOW - timedelta(days=9 * n + 30 * turn),
            total=2000 + 100 * n,
            financial_status="paid",
            currency="EUR",
        )
        for n in range(40)
        for turn in range(1 + n % 3)
    ]
    lines = [a_line(order["order_ref"], total=order["total"]) for order in orders]
    tell(shop_id_of(made), frames(people, orders, lines), at=NOW, authority=Authority.LISTED)
    renew_shop(shop_id_of(made), now=NOW)
    return made


@pytest.fixture(scope="module")
def window(browser):
    """One window for all tests, which keeps what it has loaded once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def tab(window):
    page = window.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    yield page
    page.close()


def address(admin, shop, path=""):
    return f"{admin.origin}/store/{shop.removesuffix('.myshopify.com')}/apps/kindred-under-test{path}"


def frame_of(tab, admin, heading):
    """Return the app's frame once it shows a page of that heading."""
    frame = tab.frame_locator("iframe")
    frame.locator(f"s-page[heading='{heading}']").wait_for(state="attached")
    frame.locator("html[data-ready]").wait_for(state="attached")
    return next(each for each in tab.frames if each.url.startswith(admin.shopify.app_url))


def test_pages_open_by_link_by_the_admin_s_menu_and_by_deep_link(tab, admin, shop):
    tab.goto(address(admin, shop))
    frame = frame_of(tab, admin, "Segments")
    assert "id_token" not in frame.url
    assert "hmac" not in frame.url
    frame.locator("main a[href^='/segments/']").first.click()
    frame.locator("main s-link[slot=breadcrumb-actions]").wait_for()
    assert "/segments/" in tab.url
    tab.goto(address(admin, shop, "/customers"))
    frame_of(tab, admin, "Customers")
    tab.get_by_role("link", name="Data health").first.click()
    frame_of(tab, admin, "Data health")
    assert tab.context.cookies(admin.shopify.app_url) == []
    assert tab.complaints == []


def test_a_deep_link_to_nothing_says_so_and_leads_home(tab, admin, shop):
    tab.goto(address(admin, shop, "/no-such-page"))
    frame_of(tab, admin, "Page not found").get_by_role("link", name="Back to the segments").click()
    frame_of(tab, admin, "Segments")


def test_a_reload_and_the_way_back_keep_the_shop(tab, admin, shop):
    tab.goto(address(admin, shop))
    frame = frame_of(tab, admin, "Segments")
    frame.locator("main a[href^='/segments/']").first.click()
    frame.locator("main s-link[slot=breadcrumb-actions]").wait_for()
    frame.evaluate("location.reload()")
    frame = frame_of(tab, admin, frame.locator("s-page").get_attribute("heading"))
    frame.locator("main s-link[slot=breadcrumb-actions]").wait_for()
    tab.go_back()
    frame_of(tab, admin, "Segments")
    tab.reload()
    frame_of(tab, admin, "Segments")


def test_a_frame_that_is_loaded_with_an_expired_token_fetches_another_by_itself(tab, admin, shop):
    tab.goto(address(admin, shop, "/customers"))
    frame_of(tab, admin, "Customers")
    place = f"shop={shop}&host={sessions.host_of(admin.world, shop)}&embedded=1"
    late = admin.id_token(shop, seconds=-60)
    tab.locator("iframe").evaluate(
        "(frame, address) => { frame.src = address; }",
        f"{admin.shopify.app_url}/data-health?{place}&id_token={late}",
    )
    frame = frame_of(tab, admin, "Data health")
    assert "id_token" not in frame.url


def test_a_token_that_expired_on_the_way_is_fetched_once_more(tab, admin, shop):
    tab.goto(address(admin, shop))
    frame = frame_of(tab, admin, "Segments")
    asked = []

    def hand_out(route):
        asked.append(route)
        late = {"token": admin.id_token(shop, seconds=-60)}
        route.fulfill(json=late) if len(asked) == 1 else route.continue_()

    tab.route("**/_token", hand_out)
    frame.locator("main a[href^='/segments/']").first.click()
    frame.locator("main s-link[slot=breadcrumb-actions]").wait_for()
    assert len(asked) == 2


def test_a_change_and_a_search_are_sent_by_fetch(tab, admin, shop):
    tab.goto(address(admin, shop, "/customers"))
    frame = frame_of(tab, admin, "Customers")
    frame.locator("s-search-field input").first.fill("p3@example.com")
    frame.locator("s-search-field input").first.press("Enter")
    frame.locator("s-page[heading^='Person 3']").wait_for(state="attached")
    assert "example.com" not in tab.url


def test_a_download_leaves_the_page_where_it_is(tab, admin, shop):
    tab.goto(address(admin, shop, "/data-health"))
    frame = frame_of(tab, admin, "Data health")
    with tab.expect_download() as started:
        frame.locator("s-button[download='ledger.csv']").first.click()
    assert started.value.suggested_filename.endswith(".csv")
    frame_of(tab, admin, "Data health")


def test_no_other_site_may_frame_the_app(tab, admin, shop):
    token = admin.id_token(shop)
    page = f"<iframe src='{admin.shopify.app_url}/?shop={shop}&embedded=1&id_token={token}'></iframe>".encode()

    class Foreign(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        with tab.expect_event("console", lambda message: "frame-ancestors" in message.text):
            tab.goto(f"http://localhost:{server.server_port}/")
        server.shutdown()
    assert any("frame-ancestors" in words for words in tab.complaints)
    assert all("Segments" not in (each.title() or "") for each in tab.frames)


def test_approving_a_bundle_asks_for_the_leave_that_it_needs_first(tab, admin, shop):
    selling = BundleShop(shop_id_of(shop))
    terms = selling.made(Form.BUY_GET).terms
    draft = draft_bundle(selling.shop_id, terms, title="Tea time", facts={}, who="local", at=utc_now())
    tab.goto(address(admin, shop, f"/bundles/live/{draft.id}"))
    frame = frame_of(tab, admin, "Tea time")
    frame.get_by_role("button", name="Approve Tea time").click()
    tab.locator("#ask li", has_text="write_discounts").wait_for()
    tab.get_by_role("button", name="Allow").click()
    frame.get_by_text("exactly as it stands here").wait_for()
    assert describe_offer(selling.shop_id, draft.id).bundle.state == "approved"
