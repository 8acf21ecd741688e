"""The sample store: made outside, imported like anybody's files, finished whatever happened before."""

from datetime import UTC, datetime

import pytest

from shop_app.errors import StartRefusedError
from shop_app.services import install_sample as story
from shop_app.services.install_sample import SAMPLE_DOMAIN, install_sample, sample_is_unfinished
from shop_app.services.open_shop import get_shop_id, open_shop
from shop_app.storage import due_work, segment_runs
from shop_app.storage.engine import shopless, transaction

AS_OF = datetime(2026, 7, 1, 16, tzinfo=UTC)


@pytest.fixture
def nobody_has_it(database, monkeypatch):
    """Let this test's sample store have a name that no other test's has."""
    monkeypatch.setattr(story, "SAMPLE_DOMAIN", f"{SAMPLE_DOMAIN} {datetime.now(UTC).timestamp()}")
    return story.SAMPLE_DOMAIN


def summary(name):
    with transaction(get_shop_id(name)) as connection:
        return segment_runs.read_newest(connection)


def test_a_start_that_was_killed_is_finished_by_the_next_and_then_left_alone(nobody_has_it):
    assert not sample_is_unfinished()
    open_shop(nobody_has_it, currency="USD", timezone="America/New_York", title=story.SAMPLE_TITLE)
    assert sample_is_unfinished()

    said = []
    install_sample(as_of=AS_OF, say=said.append, customers=120)
    told = summary(nobody_has_it)
    assert (told["title"], told["currency"], told["timezone"]) == (
        "Thistle & Quire (sample)",
        "USD",
        "America/New_York",
    )
    assert told["as_of"] == "2026-07-01T03:59:59.999999+00:00"  # the end of 30 June in New York
    assert 100 < told["customer_count"] < 140
    assert told["buyer_count"] > 80
    assert len(said) == 4
    assert not sample_is_unfinished()

    said.clear()
    install_sample(as_of=AS_OF, say=said.append, customers=120)
    assert said == []
    with shopless() as connection:
        assert set(due_work.list_of_shop(connection, get_shop_id(nobody_has_it))) == {"refresh", "fit"}


def test_a_sandbox_that_fails_is_told_with_its_last_words(nobody_has_it):
    with pytest.raises(StartRefusedError, match="could not be made: Error: Invalid value"):
        install_sample(as_of=AS_OF, say=lambda words: None, customers=-1)
