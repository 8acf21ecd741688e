"""A server that answers what a test has written down, one answer a call, and remembers what it was asked."""

import json
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from shop_app.destinations import klaviyo_api, rate_windows


def told(data=None, status=200, links=None, **headers):
    """One answer as Klaviyo shapes it."""
    body = {"data": data, **({"links": links} if links else {})}
    return status, headers, json.dumps(body).encode()


def refused(status, code="invalid", title="Invalid input.", detail="No.", pointer="", meta=None, **headers):
    """One refusal as Klaviyo shapes it."""
    error = {"id": "error-1", "status": status, "code": code, "title": title, "detail": detail}
    error |= {"source": {"pointer": pointer}, "meta": meta or {}}
    return status, headers, json.dumps({"errors": [error]}).encode()


@dataclass
class Asked:
    method: str
    path: str
    options: dict
    headers: dict
    body: object = field(repr=False)
    form: dict = field(default_factory=dict)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


@dataclass
class ScriptedKlaviyo:
    """Answers in turn; the last one again and again. An answer of ``None`` cuts the connection."""

    answers: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def __enter__(self):
        self.server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        self.origin = f"http://127.0.0.1:{self.server.port}"
        klaviyo_api.configure(self.origin)
        rate_windows.connect(None)
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        klaviyo_api.configure(None)

    def _answer(self, environ, start):
        request = Request(environ)
        content = request.get_data()
        is_form = request.mimetype == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(content.decode())) if is_form else {}
        body = None if is_form else json.loads(content or b"null")
        named = (request.method, request.path, dict(request.args), dict(request.headers))
        self.asked.append(Asked(*named, body, form))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            environ["werkzeug.socket"].close()
            return []
        status, headers, content = answer
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(content, status, named, mimetype="application/vnd.api+json")(environ, start)
