import time

import jwt
import pytest
import requests
from stand_in_and_app import RIVAL, TEA, StandInAndApp
from tiny_app import CLIENT_ID, JSON, OLD_SECRET, SECRET

from sandbox.shopify import sessions
from sandbox.shopify.world import now, stamp

OFFLINE_SUBJECT = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"


@pytest.fixture
def both(tmp_path):
    both = StandInAndApp(tmp_path / "stores.sqlite")
    yield both
    both.stop()


def test_an_id_token_has_every_claim_and_lives_for_a_minute(both):
    claims = jwt.decode(both.id_token(), SECRET, ["HS256"], audience=CLIENT_ID)
    assert claims["iss"] == f"https://{TEA}/admin"
    assert claims["dest"] == f"https://{TEA}"
    assert claims["sub"].isdigit()
    assert claims["exp"] - int(time.time()) in (59, 60)
    assert claims["nbf"] <= time.time()
    again = jwt.decode(both.id_token(), SECRET, ["HS256"], audience=CLIENT_ID)
    assert claims["jti"] != again["jti"]
    assert claims["sid"] == again["sid"]


def test_an_exchange_gives_an_expiring_pair_that_works(both):
    answer = both.connect()
    assert set(answer) == {"access_token", "scope", "expires_in", "refresh_token", "refresh_token_expires_in"}
    assert answer["access_token"].startswith("shpat_")
    assert answer["refresh_token"].startswith("shprt_")
    assert (answer["expires_in"], answer["refresh_token_expires_in"]) == (3600, 7_776_000)
    assert "read_orders" in answer["scope"].split(",")
    assert both.ask(answer["access_token"]).json()["data"]["shop"]["name"] == "Tea Shop"


def test_an_exchange_may_come_as_json(both):
    both.install()
    body = {"client_id": CLIENT_ID, "client_secret": SECRET, "subject_token": both.id_token(), "expiring": 1}
    body |= {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"}
    body |= {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}
    answer = requests.post(f"{both.origin}/admin/oauth/access_token", json=body, headers=JSON, timeout=10)
    assert answer.json()["expires_in"] == 3600


def test_without_expiring_the_one_lasting_token_comes_every_time(both):
    both.install()
    first, again = (both.app.exchange(both.id_token(), expiring="0").json() for _ in range(2))
    assert set(first) == {"access_token", "scope"}
    assert first == again


def test_an_online_token_names_its_user(both):
    both.install()
    answer = both.app.exchange(both.id_token(), requested_token_type=ONLINE).json()
    assert answer["expires_in"] == 86_399
    assert answer["associated_user"]["account_owner"] is True
    assert "refresh_token" not in answer


@pytest.mark.parametrize("seconds", [-1, -60])
def test_an_expired_id_token_is_refused(both, seconds):
    both.install()
    answer = both.app.exchange(both.id_token(seconds=seconds))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_subject_token")


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another app"},
        {"dest": f"https://{RIVAL}"},
        {"exp": None},
        {"iss": f"https://{RIVAL}/admin"},
        {"nbf": 9_999_999_999},
    ],
)
def test_an_id_token_with_a_wrong_claim_is_refused(both, change):
    both.install()
    claims = jwt.decode(both.id_token(), SECRET, ["HS256"], audience=CLIENT_ID) | change
    forged = jwt.encode({name: value for name, value in claims.items() if value is not None}, SECRET, "HS256")
    answer = both.app.exchange(forged)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_subject_token", "app_not_installed")


def test_an_id_token_signed_by_another_is_refused_and_one_of_the_old_secret_is_not(both):
    both.install()
    claims = jwt.decode(both.id_token(), SECRET, ["HS256"], audience=CLIENT_ID)
    assert both.app.exchange(jwt.encode(claims, "x" * 32, "HS256")).json()["error"] == "invalid_subject_token"
    assert "access_token" in both.app.exchange(jwt.encode(claims, OLD_SECRET, "HS256")).json()


def test_wrong_credentials_and_a_store_without_the_app_are_refused(both):
    token = both.id_token()
    absent = both.app.exchange(token)
    assert (absent.status_code, absent.json()["error"]) == (400, "app_not_installed")
    both.install()
    assert both.app.exchange(token, client_secret="wrong").json()["error"] == "invalid_client"
    assert both.app.exchange(token, client_id="unknown").json()["error"] == "invalid_request"
    assert both.app.exchange(token, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_errors_are_a_page_for_whoever_does_not_ask_for_json(both):
    both.install()
    answer = both.token({}, grant_type="refresh_token", refresh_token="shprt_unknown")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Oauth error invalid_grant" in answer.text


def test_a_refresh_gives_a_new_pair_and_the_old_access_token_goes_on(both):
    first = both.connect()
    second = both.refresh(first["refresh_token"]).json()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    assert both.ask(first["access_token"]).status_code == 200
    assert both.ask(second["access_token"]).status_code == 200


def test_a_refresh_may_be_repeated_until_its_answer_is_in_use(both):
    first = both.connect()
    lost = both.refresh(first["refresh_token"]).json()
    second = both.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != lost["refresh_token"]
    assert both.refresh(lost["refresh_token"]).json()["error"] == "invalid_grant"  # one chain lives
    both.ask(second["access_token"])
    again = both.refresh(first["refresh_token"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert "access_token" in both.refresh(second["refresh_token"]).json()


def test_a_refresh_with_the_replacement_retires_the_one_before(both):
    first = both.connect()
    second = both.refresh(first["refresh_token"]).json()
    both.refresh(second["refresh_token"])
    assert both.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_new_exchange_retires_the_chain_before(both):
    first = both.connect()
    second = both.app.exchange(both.id_token()).json()
    assert both.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert both.ask(first["access_token"]).status_code == 200
    assert "access_token" in both.refresh(second["refresh_token"]).json()


def test_a_refresh_token_too_old_is_refused(both):
    first = both.connect()
    document = next(both.world.state.each(TEA, "token"))
    both.world.state.put(TEA, "token", document | {"refreshExpiresAt": stamp(now())})
    assert both.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_access_token_is_no_refresh_token_nor_the_other_way_round(both):
    first = both.connect()
    assert both.refresh(first["access_token"]).json()["error"] == "invalid_grant"
    assert both.ask(first["refresh_token"]).status_code == 401


def test_a_lasting_token_can_be_turned_into_a_chain_but_not_back(both):
    both.install()
    lasting = both.app.exchange(both.id_token(), expiring="0").json()["access_token"]
    chain = both.app.exchange(lasting, subject_token_type=OFFLINE_SUBJECT).json()
    assert chain["refresh_token"]
    assert both.ask(lasting).status_code == 401
    back = both.app.exchange(chain["access_token"], subject_token_type=OFFLINE_SUBJECT, expiring="0")
    assert back.json()["error"] == "invalid_subject_token"


def test_a_public_app_must_ask_for_expiring_tokens(both):
    both.install()
    lasting = both.app.exchange(both.id_token(), expiring="0").json()["access_token"]
    both.post("/_settings", public_app=True)
    assert both.app.exchange(both.id_token(), expiring="0").status_code == 400
    assert both.ask(lasting).status_code == 403


def test_client_credentials_give_a_token_for_a_day_where_the_app_is(both):
    refused = both.token(grant_type="client_credentials", shop=TEA)
    assert refused.json()["error"] == "app_not_installed"
    both.install()
    answer = both.token(grant_type="client_credentials", shop=TEA).json()
    assert answer["expires_in"] == 86_399
    assert "refresh_token" not in answer
    assert both.ask(answer["access_token"]).status_code == 200
    both.deed("change_shop", sameOrganization=False)
    assert both.token(grant_type="client_credentials", shop=TEA).json()["error"] == "shop_not_permitted"


def test_a_token_ends_with_its_hour_and_with_the_install(both):
    both.post("/_settings", access_token_seconds=0)
    over = both.connect()["access_token"]
    assert both.ask(over).status_code == 401
    both.post("/_settings", access_token_seconds=3600)
    first = both.connect()
    both.deed("uninstall")
    assert both.ask(first["access_token"]).status_code == 401
    assert both.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert "[API] Invalid API key or access token" in both.ask(first["access_token"]).json()["errors"]


def test_the_host_of_the_address_must_be_the_tokens_store(both):
    token = both.connect()["access_token"]
    assert both.ask(token, headers={"Host": TEA}).status_code == 200
    assert both.ask(token, headers={"Host": RIVAL}).status_code == 401
    assert both.ask(token, headers={"Host": "nowhere.myshopify.com"}).status_code == 404


def test_the_interface_says_why_a_store_cannot_be_reached(both):
    token = both.connect()["access_token"]
    for field, status in (({"frozen": True}, 402), ({"locked": True}, 423), ({"apiAllowed": False}, 403)):
        both.deed("change_shop", **field)
        assert both.ask(token).status_code == status
        both.deed("change_shop", **{name: not value for name, value in field.items()})
    assert both.ask(token).status_code == 200
    assert both.get("/admin/api/2026-10/orders.json").status_code == 404


def test_tokens_live_on_when_the_stand_in_is_started_again(tmp_path):
    before = StandInAndApp(tmp_path / "stores.sqlite")
    first = before.connect()
    before.stop()
    again = StandInAndApp(tmp_path / "stores.sqlite")
    try:
        assert again.ask(first["access_token"]).status_code == 200
        assert "access_token" in again.refresh(first["refresh_token"]).json()
    finally:
        again.stop()


def test_the_look_into_a_store_shows_no_secrets(both):
    answer = both.connect()
    shown = both.get(f"/_store/{TEA}/token").text
    assert '"kind":"offline"' in shown
    assert answer["access_token"] not in shown
    assert answer["refresh_token"] not in shown
    assert answer["access_token"] not in both.get("/_calls").text


def test_a_session_is_one_persons_in_one_store(both):
    assert sessions.session_of(both.world, TEA, 1) != sessions.session_of(both.world, RIVAL, 1)
