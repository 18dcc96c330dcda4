"""Fills the page templates; every value is escaped unless it is HTML that was filled here before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).with_name("pages")


_CODE = re.compile(r"`{1,2}([^`]+)`{1,2}")


class Html(str):
    """Text that is already HTML."""

    __slots__ = ()


def render(template: str, /, **values: object) -> Html:
    """The `template` with its values put in."""
    safe = {key: value if isinstance(value, Html) else escape(str(value)) for key, value in values.items()}
    return Html(_template(template).substitute(safe))


def page(title: str, content: Html) -> Html:
    """A whole page."""
    return render("frame", title=title, content=content)


def join(parts: Iterable[Html], between: str = "\n") -> Html:
    """Several pieces of HTML as one."""
    return Html(between.join(parts))


def prose(text: str) -> Html:
    """A text of an OpenAPI document, with its `code` marked as such."""
    return Html(_CODE.sub(r"<code>\1</code>", escape(text)))


def style() -> str:
    """The style sheet of all pages."""
    return (FOLDER / "style.css").read_text()


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / f"{name}.html").read_text())
