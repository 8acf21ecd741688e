import re

import pytest
from test_segment_pages import page

PLACES_BELOW = ("Segments", "Bundles", "Destinations")
BELOW = ["All segments", "Goal", "Own segments", "Versions", "Report card", "Movements", "RFM"]


def links(html, label):
    """Return the links of a navigation, and which of them is marked as here."""
    part = html.partition(
        f'<nav class="below" aria-label="{label}">' if label in PLACES_BELOW else f'<nav aria-label="{label}">'
    )
    found = re.findall(r'<a href="[^"]*"( aria-current="page")?>([^<]*)</a>', part[2].partition("</nav>")[0])
    return [text for _, text in found], [text for mark, text in found if mark]


@pytest.mark.parametrize(
    ("path", "here"),
    [("/", "All segments"), ("/goals", "Goal"), ("/own/new", "Own segments"), ("/fits", "Versions")],
)
def test_what_stands_below_the_segments_is_reached_from_each_of_them(client, small_store, path, here):
    html = page(client, small_store, path)
    assert links(html, "Segments") == (BELOW, [here])
    assert links(html, "Main")[1] == ["Segments"]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/destinations", "All destinations"),
        ("/destinations/shopify", "All destinations"),
        ("/pushes", "Pushes"),
        ("/destinations/choices", "Limits and control groups"),
    ],
)
def test_what_stands_below_the_destinations_is_reached_from_each_of_them(client, small_store, path, here):
    html = page(client, small_store, path)
    below = ["All destinations", "Pushes", "Limits and control groups"]
    assert links(html, "Destinations") == (below, [here])
    assert links(html, "Main")[1] == ["Destinations"]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/bundles", "Candidates"),
        ("/bundles/pairs", "Pairs"),
        ("/bundles/sequences", "Sequences"),
        ("/bundles/live", "Live bundles"),
        ("/bundles/rules", "Rules"),
    ],
)
def test_what_stands_below_the_bundles_is_reached_from_each_of_them(client, small_store, path, here):
    html = page(client, small_store, path)
    assert links(html, "Bundles") == (["Candidates", "Pairs", "Sequences", "Live bundles", "Rules"], [here])
    assert links(html, "Main")[1] == ["Bundles"]


def test_other_pages_show_the_few_places_alone(client, small_store):
    html = page(client, small_store, "/customers")
    assert links(html, "Segments") == ([], [])
    assert links(html, "Main") == (
        ["Segments", "Customers", "Bundles", "Destinations", "Data health", "Activity", "Privacy"],
        ["Customers"],
    )
