"""A wrong setting stops the start with a sentence that names it."""

import pytest

from shop_app.errors import StartRefusedError
from shop_app.settings import Settings

KEYS = {"KINDRED_KEYS": "a", "KINDRED_HASH_KEY": "b"}


def test_nothing_set_means_the_embedded_default():
    settings = Settings.from_env({})
    assert (settings.database_url, settings.redis_url, settings.port) == (None, None, 8000)
    assert settings.klaviyo_origin == "https://a.klaviyo.com"


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "eighty"}, "PORT"),
        ({"DATABASE_URL": "mysql://x", **KEYS}, "DATABASE_URL"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL"),
        ({"KLAVIYO_ORIGIN": "a.klaviyo.com"}, "KLAVIYO_ORIGIN"),
        ({"KINDRED_LOG_LEVEL": "loud"}, "KINDRED_LOG_LEVEL"),
        ({"DATABASE_URL": "postgresql://x"}, "KINDRED_KEYS"),
        ({"KINDRED_KEYS": "a", "KINDRED_KEYS_FILE": "/x"}, "KINDRED_KEYS"),
        ({"KINDRED_KEYS_FILE": "/nowhere/at/all"}, "KINDRED_KEYS_FILE"),
    ],
)
def test_a_wrong_setting_is_named(env, named):
    with pytest.raises(StartRefusedError, match=named):
        Settings.from_env(env)


def test_a_secret_may_come_from_a_file_and_never_shows_in_the_repr(tmp_path):
    secret = tmp_path / "keys"
    secret.write_text("very-secret-key\n")
    settings = Settings.from_env({"KINDRED_KEYS_FILE": str(secret), "KINDRED_HASH_KEY": "another-secret"})
    assert settings.keys == "very-secret-key"
    assert "secret" not in repr(settings)
