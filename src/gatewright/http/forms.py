"""Reading a form (`application/x-www-form-urlencoded`)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from gatewright.http.errors import UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 20


async def read_fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a form in their order; a field may come twice.

    Raises:
        UnsupportedMediaType: The body is not a form.
        ValueError: The form has too many fields, or is not UTF-8.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        raise UnsupportedMediaType(f"The body has to be sent as {FORM}.")
    text = (await request.body()).decode()
    return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; the last one of a field that comes twice, and none of a form that can't be read.

    Raises:
        UnsupportedMediaType: The body is not a form.
    """
    try:
        return dict(await read_fields(request))
    except ValueError:
        return {}
