"""No token, signature, code or e-mail address in any line of the log, whoever writes it.

gunicorn's access log is off; what it says of a broken request, and what a library says of an address, passes
through here like everything else that this process logs.
"""

import logging
import re
import traceback
from typing import Any

_SECRETS = (
    re.compile(
        r"(?i)((?:id_token|hmac|code|state|signed|session|client_secret|access_token|refresh_token|subject_token)"
        r"(?:=|%3D|[\"']?:\s*[\"']?))[^&\s\"'\\%,}]+"
    ),
    re.compile(r"()eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"((?i:Bearer) )[^\s\"',]+"),
    re.compile(r"()sh(?:pat|prt|pua|pca|ppa|pss)_[A-Za-z0-9]+"),
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MADE: list[bool] = []


def scrubbed(text: str) -> str:
    """Return a text with every secret and address that can be told by its look or its name taken out."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1[secret]", text)
    return _ADDRESS.sub("[address]", text) if "@" in text else text


def install() -> None:
    """Let every record of this process be written without secrets."""
    if _MADE:
        return
    _MADE.append(True)
    make = logging.getLogRecordFactory()

    def make_scrubbed(*args: Any, **fields: Any) -> logging.LogRecord:  # noqa: ANN401 (logging's own)
        record = make(*args, **fields)
        _scrub(record)
        return record

    logging.setLogRecordFactory(make_scrubbed)


def _scrub(record: logging.LogRecord) -> None:
    try:
        message = record.getMessage()
    except (TypeError, ValueError):
        return  # logging itself says what is wrong with it
    record.msg, record.args = scrubbed(message), ()
    if record.exc_info and record.exc_info[1] is not None and not record.exc_text:
        record.exc_text = scrubbed("".join(traceback.format_exception(record.exc_info[1])).rstrip())
