"""The stand-in beside local mode: what is thrown away when it is to begin anew, and when it is not."""

from shop_app.embedded.home import Home
from shop_app.embedded.stand_in import begin_anew, stand_in


def test_beginning_anew_throws_away_all_of_its_state_and_nothing_else(tmp_path):
    home = Home(tmp_path)
    state = home.stand_in_state
    beside = [state, state.with_name(f"{state.name}-wal"), state.with_name(f"{state.stem}-bulk") / "a.jsonl"]
    kept = tmp_path / "keys"
    for path in (*beside, kept):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    begin_anew(home)
    assert not any(path.exists() for path in beside)
    assert kept.exists()
    begin_anew(home)


def test_a_stand_in_that_is_started_again_after_a_crash_has_the_stores_it_had(tmp_path):
    command = stand_in(Home(tmp_path), port=1, app_port=2, customers=3, opens_app=True).command
    assert "--fresh" not in command
