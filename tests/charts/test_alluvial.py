import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some
from markupsafe import Markup

from shop_app.charts.alluvial import Flow, Node, alluvial, place_bars

LABEL = "Who went where"
PATH = re.compile(
    r'<path class="(\w+)" d="M\d+ ([\d.]+)C\d+ [\d.]+ \d+ [\d.]+ \d+ ([\d.]+)V([\d.]+)C'
    r'[^"]*"><title>([^<]*)</title></path>'
)
GROUPS = ("best", "middle", "gone")
some_flows = some.lists(
    some.tuples(some.sampled_from(GROUPS), some.sampled_from(GROUPS)), unique=True, min_size=1
).flatmap(lambda pairs: some.tuples(*(some.tuples(some.just(pair), some.integers(0, 5_000)) for pair in pairs)))


def flow(start, end, value):
    return Flow(start, end, value, f"{value} from {start} to {end}", stays=start == end)


def draw(*flows):
    nodes = [Node(group, group.capitalize()) for group in GROUPS]
    return alluvial(nodes, nodes, [flow(*each) for each in flows], label=LABEL)


def bands(svg):
    return [
        (kind, float(start), float(end), float(bottom) - float(end), words)
        for kind, start, end, bottom, words in PATH.findall(svg)
    ]


def bars(svg):
    found = re.findall(r'<rect x="(\d+)" y="([\d.]+)" width="\d+" height="([\d.]+)"/>', svg)
    return [(int(x), float(top), float(height)) for x, top, height in found]


def test_every_flow_is_a_band_that_says_itself():
    drawn = bands(draw(("best", "best", 60), ("best", "gone", 30), ("middle", "best", 10)))
    assert {words for *_, words in drawn} == {
        "60 from best to best",
        "30 from best to gone",
        "10 from middle to best",
    }


def test_who_stayed_is_told_from_who_moved():
    drawn = bands(draw(("best", "best", 60), ("best", "gone", 30)))
    assert [(kind, words.split()[0]) for kind, *_, words in drawn] == [("stays", "60"), ("moves", "30")]


def test_a_band_is_as_thick_as_its_people_are_many():
    thickness = {
        words.split()[0]: height
        for *_, height, words in bands(draw(("best", "best", 60), ("best", "gone", 30)))
    }
    assert abs(thickness["60"] - 2 * thickness["30"]) < 0.2


def test_one_among_thousands_can_be_seen():
    drawn = bands(draw(("best", "best", 100_000), ("best", "gone", 1)))
    assert min(height for *_, height, _ in drawn) >= 0.6


@settings(max_examples=40, deadline=None)
@given(some_flows)
def test_both_columns_hold_everybody(flows):
    svg = draw(*((*pair, value) for pair, value in flows))
    if not any(value for _, value in flows):
        assert svg == Markup("")
        return
    columns = {}
    for x, _, height in bars(svg):
        columns[x] = columns.get(x, 0) + height
    left, right = columns.values()
    assert abs(left - right) < 3


@settings(max_examples=40, deadline=None)
@given(some_flows)
def test_bands_of_a_bar_lie_one_below_the_other(flows):
    drawn = bands(draw(*((*pair, value) for pair, value in flows if value > 50)))
    for side in (1, 2):
        spans = sorted((band[side], band[side] + band[3]) for band in drawn)
        assert all(later[0] >= earlier[1] - 1.2 for earlier, later in pairwise(spans))


def test_names_of_thin_bars_do_not_touch():
    nodes = [Node(str(number), str(number)) for number in range(12)]
    placed = place_bars(nodes, {str(number): 1 if number else 10_000 for number in range(12)}, 10_011)
    places = [bar.label_y for bar in placed.values()]
    assert all(later - earlier >= 15 for earlier, later in pairwise(places))


def test_names_are_text_and_no_markup():
    nodes = [Node("a", "<script>")]
    svg = alluvial(nodes, nodes, [Flow("a", "a", 3, '"3" & <more>', stays=True)], label="<label>")
    assert "<script>" not in svg
    assert "<more>" not in svg
    assert 'aria-label="&lt;label&gt;"' in svg


def test_nobody_is_no_picture():
    assert draw(("best", "gone", 0)) == Markup("")
