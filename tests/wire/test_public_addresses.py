"""An address that a merchant gives leads to the open internet, or is refused: saved, and at each connection."""

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from shop_app.errors import InvalidInputError, StartRefusedError
from shop_app.settings import Settings
from shop_app.wire import http, public_addresses
from shop_app.wire.http import NotReachedError, UnusableAnswerError
from shop_app.wire.public_addresses import NotPublicError, checked_public_url, may_be_called
from shop_app.wire.timed_connections import PublicAdapter

OPEN = "93.184.215.14"
"""An address of the open internet; nothing is ever sent there."""


@pytest.fixture
def names(monkeypatch):
    """What names lead to in this test, and how often each was asked for; digits are read as they always are."""
    known = {"hooks.example.com": [OPEN]}
    asked = []
    real = socket.getaddrinfo

    def look_up(host, port, *args, **options):
        if host not in known and any(letter not in "0123456789.:abcdef" for letter in host):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        if host in known:
            asked.append(host)
        found = known.get(host, [host])
        answers = found.pop(0) if found and isinstance(found[0], list) else found
        return [entry for address in answers for entry in real(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    look_up.known, look_up.asked = known, asked
    return look_up


@pytest.fixture
def local_targets():
    public_addresses.allow_local_targets(True)
    yield
    public_addresses.allow_local_targets(False)


@contextmanager
def a_server(status=200, headers=()):
    """A server on this machine; what it was sent is in ``hosts``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            server.hosts.append(self.headers["Host"])
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.hosts = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        http.hang_up()
        server.shutdown()
        thread.join()


def post(url):
    host = url.split("/")[2]
    return http.call("POST", url, who="the hook", host=host, headers={}, body=b"{}", only_public=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192",
        "168.63.129.16", "198.18.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1",
        "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378::1", "2001:db8::1", "::7f00:1",
        "3fff::1", "fec0::1", "4000::1", "no address",
    ],
)  # fmt: skip
def test_what_is_not_on_the_open_internet_is_never_called(address):
    assert not may_be_called(address)


@pytest.mark.parametrize(
    "address", [OPEN, "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", f"::ffff:{OPEN}"]
)
def test_what_is_may_be_called(address):
    assert may_be_called(address)


@given(st.ip_addresses())
def test_nothing_is_let_through_that_the_standard_library_calls_private(address):
    if may_be_called(str(address)):
        assert not any((address.is_private, address.is_loopback, address.is_link_local, address.is_multicast))


@pytest.mark.parametrize("allowed", ["10.0.0.7", "127.0.0.1", "192.168.178.20", "::1", "fd12::7"])
def test_who_runs_it_at_home_may_let_it_call_their_own_network(allowed, local_targets):
    assert may_be_called(allowed)
    assert may_be_called(OPEN)


@pytest.mark.parametrize("inner", ["169.254.169.254", "100.100.100.200", "0.0.0.0", "224.0.0.1", "fe80::1"])
def test_metadata_is_never_called_not_even_then(inner, local_targets):
    assert not may_be_called(inner)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://hooks.example.com/a?b=c", "https://hooks.example.com/a?b=c"),
        (" https://Hooks.Example.COM:8443/a ", "https://hooks.example.com:8443/a"),
        ("https://hooks.example.com./a#part", "https://hooks.example.com/a"),
        ("https://hooks.example.com", "https://hooks.example.com"),
        (f"https://{OPEN}/a", f"https://{OPEN}/a"),
        ("https://[2606:4700::1111]:443/a", "https://[2606:4700::1111]:443/a"),
    ],
)
def test_an_address_is_kept_in_one_way_of_writing_it(names, given, kept):
    assert checked_public_url(given) == kept
    assert checked_public_url(kept) == kept


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "whole address"),
        ("https://hooks.example.com/" + "a" * 2048, "whole address"),
        ("https://hooks.example.com/a b", "whole address"),
        ("https://hooks.example.com\\@127.0.0.1/", "whole address"),
        ("https://hooks.example.com/\r\nX: y", "whole address"),
        ("https://hööks.example.com/", "whole address"),
        ("https://１２７.0.0.1/", "whole address"),  # noqa: RUF001 (that is the point)
        ("http://hooks.example.com/", "https://"),
        ("ftp://hooks.example.com/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://hooks.example.com/", "https://"),
        ("//hooks.example.com/", "https://"),
        ("hooks.example.com", "https://"),
        ("https://ann:secret@hooks.example.com/", "password"),
        ("https://hooks.example.com@127.0.0.1/", "password"),
        ("https://hooks.example.com:22/", "443 or 8443"),
        ("https://hooks.example.com:6379/", "443 or 8443"),
        ("https://hooks.example.com:0/", "443 or 8443"),
        ("https://hooks.example.com:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://2130706433/", "usual spelling"),
        ("https://0x7f000001/", "usual spelling"),
        ("https://0x7f.1/", "usual spelling"),
        ("https://0177.0.0.1/", "usual spelling"),
        ("https://127.1/", "usual spelling"),
        ("https://%31%32%37.0.0.1/", "usual spelling"),
        ("https://localhost/", "usual spelling"),
        ("https://redis/", "usual spelling"),
        ("https:///path", "usual spelling"),
        ("https://postgres.internal/", "inside a network"),
        ("https://printer.local./", "inside a network"),
        ("https://127.0.0.1/", "open internet"),
        ("https://169.254.169.254/latest/meta-data/", "open internet"),
        ("https://[::1]/", "open internet"),
        ("https://[::ffff:169.254.169.254]/", "open internet"),
        ("https://[fe80::1%25eth0]/", "usual spelling"),
        ("https://nowhere.example.com/", "spelled right"),
    ],
)
def test_every_other_address_is_refused_with_the_way_out(names, url, words):
    with pytest.raises(InvalidInputError, match=words) as refused:
        checked_public_url(url, field="target")
    assert refused.value.field == "target"
    assert str(refused.value).startswith("target: ")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("inner", [["10.0.0.5"], [OPEN, "127.0.0.1"], ["::1", OPEN], ["::ffff:10.0.0.5"]])
def test_a_name_that_leads_inside_with_any_of_its_addresses_is_refused(names, inner):
    names.known["hooks.example.com"] = inner
    with pytest.raises(InvalidInputError, match="open internet"):
        checked_public_url("https://hooks.example.com/")


def test_plain_http_and_any_port_only_where_local_targets_are_allowed(local_targets):
    assert checked_public_url("http://127.0.0.1:9/a") == "http://127.0.0.1:9/a"
    assert checked_public_url("http://localhost:9/a") == "http://localhost:9/a"
    with pytest.raises(InvalidInputError, match="open internet"):
        checked_public_url("http://169.254.169.254/")


def test_a_call_to_an_inner_address_sends_nothing(names):
    with a_server() as server:
        names.known["hooks.example.com"] = ["127.0.0.1"]
        with pytest.raises(NotPublicError, match=r"hooks\.example\.com leads to"):
            post(f"http://hooks.example.com:{server.server_port}/")
        assert server.hosts == []


def test_a_call_goes_to_the_very_address_that_was_looked_at(names, local_targets):
    with a_server() as server:
        names.known["hooks.example.com"] = [["127.0.0.1"], ["169.254.169.254"], ["169.254.169.254"]]
        url = f"http://hooks.example.com:{server.server_port}/"
        assert post(url).status == 200
        assert names.asked == ["hooks.example.com"]
        assert post(url).status == 200  # over the connection that stands
        assert server.hosts == [f"hooks.example.com:{server.server_port}"] * 2
        http.hang_up()
        with pytest.raises(NotPublicError):
            post(url)


def test_a_second_address_is_tried_where_the_first_one_does_not_answer(names, local_targets):
    with a_server() as server:
        names.known["hooks.example.com"] = ["::1", "127.0.0.1"]
        assert post(f"http://hooks.example.com:{server.server_port}/").status == 200


def test_a_name_that_leads_nowhere_is_told_as_nobody_reached(names):
    with pytest.raises(NotReachedError):
        post("https://nowhere.example.com/")


def test_a_closed_port_is_told_as_nobody_reached(local_targets):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotReachedError):
        post(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_followed_elsewhere(local_targets, status):
    with a_server(status, [("Location", "http://169.254.169.254/")]) as server:
        with pytest.raises(UnusableAnswerError, match="leads elsewhere"):
            post(f"http://127.0.0.1:{server.server_port}/")
        assert len(server.hosts) == 1


def test_over_tls_the_certificate_is_held_against_the_name_not_the_address(names, monkeypatch):
    told = {}

    def wrap(**options):
        told.update(options)
        raise urllib3.exceptions.SSLError("far enough")

    near, far = socket.socketpair()
    monkeypatch.setattr("shop_app.wire.timed_connections.create_connection", lambda *_, **__: near)
    monkeypatch.setattr("urllib3.connection._ssl_wrap_socket_and_match_hostname", wrap)
    with requests.Session() as session, near, far:
        session.mount("https://", PublicAdapter())
        with pytest.raises(requests.exceptions.SSLError):
            session.get("https://hooks.example.com/")
    assert told["server_hostname"] == "hooks.example.com"
    assert told["cert_reqs"] == "CERT_REQUIRED"


def test_local_targets_are_allowed_by_a_plain_yes_only():
    assert not Settings.from_env({}).local_targets
    assert Settings.from_env({"KINDRED_LOCAL_TARGETS": "yes"}).local_targets
    with pytest.raises(StartRefusedError, match="KINDRED_LOCAL_TARGETS"):
        Settings.from_env({"KINDRED_LOCAL_TARGETS": "maybe"})
