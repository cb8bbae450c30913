"""The base of all settings: typed, frozen, and validated once at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from rnn_toolkit.errors import OptionError

FORMAT_VERSION = 1


class Settings(BaseModel):
    """Base of all settings: immutable, and unknown names are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


SettingsType = TypeVar("SettingsType", bound=Settings)


def parse_settings(
    settings: type[SettingsType],
    values: dict[str, Any],
    *,
    names: Mapping[str, str] | None = None,
) -> SettingsType:
    """Validates plain values into settings.

    Args:
        settings: the settings class.
        values: option names and values as a user gave them.
        names: what the user calls a field, where it is not the field's name.

    Returns:
        The settings.

    Raises:
        OptionError: a name is unknown or a value is out of range; the message names it.
    """
    try:
        return settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        name = (names or {}).get(name, name)
        if first["type"] == "extra_forbidden":
            known = ", ".join(settings.model_fields)
            raise OptionError(f"There is no option {name!r}.", f"Choose from: {known}.") from None
        reason = first["msg"].removeprefix("Value error, ")
        if not first["loc"]:  # several options together; the reason names them
            raise OptionError(f"{reason[:1].upper()}{reason[1:]}.") from None
        raise OptionError(f"Option {name}: {reason} (got {first['input']!r}).") from None
