"""The account behind a key."""

from sandbox.klaviyo.accounts import account_resource
from sandbox.klaviyo.interface import Answer, Call, answers
from sandbox.klaviyo.refusals import not_found


@answers("get_accounts")
def get_accounts(call: Call) -> Answer:
    """Return the one account that a key belongs to."""
    account = call.state.find(call.account, "account", call.account) or {}
    links = {"self": f"{call.world.origin}/api/accounts"}
    return 200, {"data": [account_resource(call.world, account)], "links": links}


@answers("get_account")
def get_account(call: Call, id: str) -> Answer:  # noqa: A002 (as the address names it)
    """Return an account, if it is the key's."""
    account = call.state.find(call.account, "account", id)
    if account is None:
        raise not_found("account", id)
    shown = account_resource(call.world, account)
    return 200, {"data": shown, "links": shown["links"]}
