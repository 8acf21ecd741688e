import pytest
from klaviyo_account import Account


@pytest.fixture
def tea(tmp_path):
    """An account that nobody else has."""
    account = Account(tmp_path / "klaviyo.sqlite")
    yield account
    account.stop()
