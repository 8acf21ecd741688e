"""The form of a destination's settings, made of what its class says that can be set."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from shop_app.destinations.base import Setting
from shop_app.services.connect_destination import MASK, Kept
from shop_app.web.destination_pages import SettingField
from shop_app.web.pages import Option

YES = "yes"
_KEPT_SECRET = "It is kept and not shown. Leave this empty to keep it; write another one to replace it."  # noqa: S105 (words)
_LONGEST_VALUE = 2_000


def read_values(schema: tuple[Setting, ...], form: MultiDict[str, str]) -> dict[str, Any]:
    """Return what was sent for each setting; a box that is not ticked is sent as nothing, and is no."""
    return {setting.name: _sent(setting, form) for setting in schema}


def setting_fields(
    kept: Kept, tried: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None
) -> tuple[SettingField, ...]:
    """Return the fields with what is kept in them, or with what was tried in vain; never a secret."""
    wrong = errors or {}
    return tuple(_field(setting, kept, tried, wrong.get(setting.name, "")) for setting in kept.kind.schema)


def _sent(setting: Setting, form: MultiDict[str, str]) -> Any:  # noqa: ANN401 (of the setting's own type)
    given = form.get(setting.name, "").strip()[:_LONGEST_VALUE]
    return given == YES if setting.kind == "yes_no" else given


def _field(setting: Setting, kept: Kept, tried: Mapping[str, Any] | None, error: str) -> SettingField:
    value = kept.values[setting.name] if tried is None else tried[setting.name]
    is_secret = setting.kind == "secret"
    has_secret = is_secret and kept.values[setting.name] == MASK
    is_number = setting.kind == "number"
    return SettingField(
        name=setting.name,
        label=setting.label,
        kind=setting.kind,
        value="" if is_secret or setting.kind == "yes_no" else str(value),
        is_checked=setting.kind == "yes_no" and bool(value),
        options=tuple(Option(name, words, name == value) for name, words in setting.choices),
        help=f"{_KEPT_SECRET} {setting.help}".strip() if has_secret else setting.help,
        error=error,
        least=str(setting.least) if is_number else "",
        most=str(setting.most) if is_number else "",
        placeholder=MASK if has_secret else "",
    )
