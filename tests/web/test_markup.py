"""What holds for every page: one heading, named tables, known components, nothing inline, and small."""

import gzip
from html.parser import HTMLParser

import pytest

from shop_app.services.find_customer import find_customer

FIELD = ("name", "label", "value", "error", "details")
COMPONENTS = {
    "s-page": {"heading", "inlinesize"},
    "s-section": {"heading", "subheading", "padding", "accessibilitylabel"},
    "s-banner": {"heading", "tone"},
    "s-badge": {"tone"},
    "s-button": {"variant", "icon", "href", "download", "type", "accessibilitylabel", "commandfor"},
    "s-link": {"href"},
    "s-menu": {"accessibilitylabel"},
    "s-search-field": {"name", "label", "labelaccessibilityvisibility", "value", "placeholder", "error"},
    "s-select": {"name", "label", "labelaccessibilityvisibility", "error", "details"},
    "s-option": {"value", "selected"},
    "s-option-group": {"label"},
    "s-choice-list": {*FIELD, "multiple", "labelaccessibilityvisibility"},
    "s-choice": {"value", "selected"},
    "s-text-field": {*FIELD, "maxlength", "placeholder", "labelaccessibilityvisibility"},
    "s-password-field": {*FIELD, "placeholder"},
    "s-text-area": {*FIELD, "rows"},
    "s-number-field": {*FIELD, "min", "max", "step", "suffix", "labelaccessibilityvisibility"},
    "s-date-field": {*FIELD},
    "s-checkbox": {*FIELD, "checked"},
}
"""The Polaris tags in use with their attributes: all of them are drawn by the local stand-in."""

GLOBAL = {"id", "slot", "class"}
VOID = {"meta", "link", "input", "br"}
LARGEST_PAGE_BYTES = 15 * 1024


class Page(HTMLParser):
    """Counts and collects what the laws below are about."""

    def __init__(self, html):
        super().__init__()
        self.html, self.tags, self.faults, self.open = html, [], [], []
        self.feed(html)
        self.faults += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        self._check(tag, dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._check(tag, dict(attrs))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def _check(self, tag, attributes):
        if tag.startswith("s-"):
            unknown = set(attributes) - COMPONENTS.get(tag, set()) - GLOBAL
            if tag not in COMPONENTS or unknown:
                self.faults.append(f"<{tag}> with {sorted(unknown)}")
        self.faults += [f"{name} on <{tag}>" for name in attributes if name.startswith("on")]
        if attributes.get("name") in {"action", "method"}:
            self.faults.append(f"<{tag} name={attributes['name']}> hides where and how its form is sent")
        for name in ("href", "src", "action"):
            address = attributes.get(name) or ""
            if (address and not address.startswith(("/", "#"))) or address.startswith("//"):
                self.faults.append(f"<{tag} {name}={address}>")

    def count(self, tag):
        return sum(name == tag for name, _ in self.tags)


SMALL_PAGES = (
    "/",
    "/?shade=revenue",
    "/?q=nothing",
    "/segments/best-customers",
    "/segments/prospects",
    "/goals",
    "/own",
    "/own/new",
    "/own/file",
    "/fits",
    "/rfm",
    "/rfm/best-customers",
    "/movements",
    "/report",
    "/report/fairness",
    "/customers",
    "/customers?r=5&v=3",
    "/customers?q=nobody",
    "/customers/bob",
    "/customers/cat",
    "/data-health",
    "/privacy",
    "/nowhere",
    "/customers/0",
)


@pytest.fixture(params=SMALL_PAGES)
def small_page(request, client, small_store):
    """Every page of a shop where everything odd happens once."""
    path = request.param
    for name in ("bob", "cat"):
        if path.endswith(name):
            path = f"/customers/{find_customer(small_store.shop_id, f'{name}@example.com')}"
    return client.get(f"{path}{'&' if '?' in path else '?'}shop={small_store.domain}")


@pytest.fixture(params=["/", "/segments/champions", "/customers", "/customers?r=5&v=5", "/data-health"])
def busy_page(request, client, busy_store):
    sign = "&" if "?" in request.param else "?"
    return client.get(f"{request.param}{sign}shop={busy_store.domain}")


GROUPED_PAGES = (
    "/",
    "/?sort=name",
    "/segments/one-and-done",
    "/segments/prospects",
    "/rfm",
    "/rfm/regulars",
    "/movements",
    "/report",
    "/report/fairness",
    "/customers/p21",
)


@pytest.fixture(params=GROUPED_PAGES)
def grouped_page(request, client, grouped_store):
    """The pages that say more where groups were learned."""
    path = request.param
    if path.endswith("p21"):
        path = f"/customers/{find_customer(grouped_store.shop_id, 'p21@example.com')}"
    answer = client.get(f"{path}{'&' if '?' in path else '?'}shop={grouped_store.domain}")
    assert answer.status_code == 200
    return answer


def check(answer):
    page = Page(answer.text)
    assert page.faults == []
    assert page.count("h1") == 1
    assert page.count("main") == 1
    assert page.count("style") == 0
    scripts = [attributes for tag, attributes in page.tags if tag == "script"]
    assert all(script.get("src", "").startswith("/static/") for script in scripts)
    assert page.count("table") == page.count("caption")
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identities) == len(set(identities))
    assert len(gzip.compress(answer.data)) <= LARGEST_PAGE_BYTES


def test_every_page_of_a_small_shop_keeps_the_laws(small_page):
    check(small_page)


def test_every_page_of_a_busy_shop_keeps_the_laws(busy_page):
    check(busy_page)


def test_every_page_of_a_shop_with_learned_groups_keeps_the_laws(grouped_page):
    check(grouped_page)


def test_every_cell_of_a_data_table_carries_its_heading_for_a_phone(client, busy_store):
    page = Page(client.get("/", query_string=busy_store.picked).text)
    cells = [attributes for tag, attributes in page.tags if tag == "td" and attributes.get("role") == "cell"]
    assert cells
    assert all("data-label" in cell or cell["class"] in {"act", "wide"} for cell in cells)


def test_a_page_that_does_not_exist_is_a_page(client, small_store):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no page at this address." in answer.text
