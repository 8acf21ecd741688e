from shop_app.segments.playbook_start import proposed_start, start_words


def group(slug, customer_count=50, **more):
    return {"slug": slug, "name": slug.replace("-", " ").capitalize(), "customer_count": customer_count} | more


def chosen(*groups):
    return [found["slug"] for found in proposed_start(groups)]


def test_the_best_the_rising_and_the_ones_at_risk_come_first():
    groups = [
        group(slug) for slug in ("dormant", "at-risk", "rising-stars", "champions", "new", "vip", "loyal")
    ]
    assert chosen(*groups) == ["vip", "rising-stars", "at-risk"]


def test_the_nearest_group_stands_in():
    groups = [
        group("champions"),
        group("active"),
        group("promising"),
        group("previously-loyal"),
        group("dormant"),
    ]
    assert chosen(*groups) == ["champions", "promising", "previously-loyal"]
    assert chosen(group("best-customers"), group("recent-customers"), group("drifting-away")) == [
        "best-customers",
        "recent-customers",
        "drifting-away",
    ]


def test_a_learned_group_goes_by_its_archetype_and_of_two_the_larger_is_chosen():
    groups = [
        group("at-risk", 20, archetype="at-risk"),
        group("at-risk-2", 90, archetype="at-risk"),
        group("weekend-people", 30, archetype="rising-stars"),
    ]
    assert chosen(*groups) == ["weekend-people", "at-risk-2"]


def test_an_empty_group_is_nothing_to_begin_with():
    groups = [group("vip", 0), group("loyal"), group("at-risk", 0)]
    assert chosen(*groups) == ["loyal"]
    assert start_words(groups) == (
        "Begin with Loyal, and take up the others once these run. There is no group yet for those who are on "
        "their way up and those who are slipping away."
    )


def test_a_full_shop_is_told_its_three():
    groups = [group("vip"), group("rising-stars"), group("at-risk")]
    assert (
        start_words(groups)
        == "Begin with Vip, Rising stars and At risk, and take up the others once these run."
    )


def test_a_shop_without_groups_is_told_so():
    assert proposed_start([]) == []
    assert start_words([group("prospects")]) == (
        "There is no group to begin with yet: it takes customers with orders."
    )
