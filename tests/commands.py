"""`kindred …` inside the test's own process: as a stranger calls it, without a second's wait each time."""

from dataclasses import dataclass

from shop_app.cli import main


@dataclass
class Ended:
    """How a command ended, and what it printed where."""

    code: int
    stdout: str
    stderr: str


def a_terminal(settings, monkeypatch, capsys):
    """Return what runs a command on the test run's database; ``shop_id`` connects the test itself again."""
    for name in ("database_url", "database_owner_url", "redis_url"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    monkeypatch.setenv("KINDRED_KEYS", settings.keys)
    monkeypatch.setenv("KINDRED_HASH_KEY", settings.hash_key)
    monkeypatch.setenv("KINDRED_HOME", str(settings.home))

    def run(*words):
        capsys.readouterr()
        code = main.outcome([str(word) for word in words])
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run
