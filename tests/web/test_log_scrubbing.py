"""No id_token, hmac or code in any log: not ours, not gunicorn's, not when something breaks."""

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from admin import APP_URL, CLIENT_ID, SECRET

from shop_app.web.log_scrubbing import scrubbed

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2VjcmV0LXNlY3JldA"
SECRETS = ("c2VjcmV0", "a849c0eb1f4f", "c0de-c0de", "st4te-st4te", "s1gned-s1gned", SECRET)


@pytest.mark.parametrize(
    "line",
    [
        f"GET /?id_token={TOKEN}&shop=a HTTP/1.1",
        f"/auth/bounce?shopify-reload=https%3A%2F%2Fx%2F%3Fid_token%3D{TOKEN}",
        "GET /auth/callback?code=c0de-c0de&hmac=a849c0eb1f4f&shop=a.myshopify.com&state=st4te-st4te",
        "/export/ledger.csv?signed=s1gned-s1gned",
        f"Authorization: Bearer {TOKEN}",
        f"{{'Authorization': 'Bearer {TOKEN}', 'client_secret': '{SECRET}'}}",
        f'{{"subject_token": "{TOKEN}", "code": "c0de-c0de"}}',
        f"a token {TOKEN} alone",
    ],
)
def test_a_secret_is_taken_out_of_a_line_and_the_rest_stays(line):
    clean = scrubbed(line)
    assert "[secret]" in clean
    assert [secret for secret in SECRETS if secret in clean] == []


def test_tokens_are_known_by_their_look():
    assert scrubbed("shpat_0a1b2c and shprt_0a1b2c, shpss_abc") == "[secret] and [secret], [secret]"


def test_a_plain_line_stays_as_it_is():
    for line in (
        "failure 12ab at segments.index",
        "Postcode 12345, the encode step, status=ok",
        "shop=a.myshopify.com",
    ):
        assert scrubbed(line) == line


def test_the_log_of_the_web_process_holds_no_secret_whatever_is_asked(settings, database, tmp_path):
    port = _free_port()
    log = tmp_path / "web.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SHOPIFY_")},
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "KINDRED_KEYS": settings.keys,
        "KINDRED_HASH_KEY": settings.hash_key,
        "KINDRED_LOG_LEVEL": "DEBUG",
        "SHOPIFY_API_KEY": CLIENT_ID,
        "SHOPIFY_API_SECRET": SECRET,
        "SHOPIFY_ADMIN_ORIGIN": "http://127.0.0.1:9",
        "SHOPIFY_ADMIN_WEB_ORIGIN": "http://127.0.0.1:9",
        "APP_URL": APP_URL,
    }
    command = [sys.executable, "-m", "gunicorn", "shop_app.app:create_hosted_app()"]
    command += [
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--log-level=debug",
        "--no-control-socket",
    ]
    with log.open("wb") as file:
        web = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
    try:
        _ask_until_answered(port)
        for path in (
            f"/?id_token={TOKEN}&hmac=a849c0eb1f4f&shop=a.myshopify.com",
            "/auth/callback?code=c0de-c0de&hmac=a849c0eb1f4f&shop=a.myshopify.com&state=st4te-st4te",
            "/auth/begin?hmac=a849c0eb1f4f&shop=a.myshopify.com&timestamp=1",
            "/export/ledger.csv?signed=s1gned-s1gned",
        ):
            _ask(port, path, {"Authorization": f"Bearer {TOKEN}"})
            _ask(port, path, {})
        _send_raw(port, f"GET /?id_token={TOKEN}&code=c0de-c0de HTTP/9.9\r\n\r\n")
        _send_raw(port, f"GET /?id_token={TOKEN} HTTP/1.1\r\nBad Header: hmac=a849c0eb1f4f\r\n\r\n")
    finally:
        web.terminate()
        web.wait(20)
    text = log.read_text(errors="replace")
    assert "Listening at" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_an_error_s_own_text_is_written_without_secrets(caplog):
    from shop_app.web import log_scrubbing

    made = logging.getLogRecordFactory()
    log_scrubbing._MADE.clear()
    log_scrubbing.install()
    try:
        try:
            int(f"id_token={TOKEN}")
        except ValueError:
            logging.getLogger("kindred.test").exception("asked for /?code=%s", "c0de-c0de")
    finally:
        logging.setLogRecordFactory(made)
        log_scrubbing._MADE.clear()
    assert "c2VjcmV0" not in caplog.text
    assert "c0de-c0de" not in caplog.text
    assert "ValueError" in caplog.text


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _ask(port, path, headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def _ask_until_answered(port):
    deadline = time.monotonic() + 60
    while _ask(port, "/healthz", {}) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _send_raw(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(text.encode())
        connection.settimeout(5)
        try:
            while connection.recv(4096):
                pass
        except OSError:
            pass
