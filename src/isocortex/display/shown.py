"""What gives a noun its HTML."""

from collections.abc import Callable
from typing import Any, TypeVar

from isocortex.display.card import Card, card_of_fields
from isocortex.display.html import html_of

Noun = TypeVar("Noun")


def shown(card: Callable[[Any], Card] = card_of_fields) -> Callable[[type[Noun]], type[Noun]]:
    """Give a class the method by which notebooks show it; its ``repr`` stays for what has none.

    Parameters
    ----------
    card : function from the noun to a Card
        It opens no file and reads no lazy array. Default: the fields of a dataclass.
    """

    def with_html(cls: type[Noun]) -> type[Noun]:
        def _repr_html_(self: Any) -> str:
            return html_of(card(self), repr(self))

        cls._repr_html_ = _repr_html_  # pyright: ignore[reportAttributeAccessIssue]
        return cls

    return with_html
