"""One noun, a list of them, or a Store (a mapping): what every verb accepts."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from isocortex.data.gram import Gram
from isocortex.data.responses import Responses
from isocortex.errors import InputError

Layers: TypeAlias = Responses | Gram | Mapping[str, Any] | Iterable[Responses | Gram]
"""One layer or region, a mapping of them such as a Store, or several."""


def responses_of(source: Layers, who: str, key: str = "name") -> list[Responses | Gram]:
    """The layers or regions in ``source``, as a list.

    Parameters
    ----------
    source : Responses, Gram, mapping of them (such as a Store), or iterable of them
    who : str
        The verb that asks, for the error.
    key : str, default="name"
        The label under which what a mapping calls a noun is kept, if it has no labels of its own.

    Raises
    ------
    InputError
        If it holds something else, or nothing.
    """
    if isinstance(source, Responses | Gram):
        return [source]
    if isinstance(source, Mapping):
        source = [_called(noun, name, key) for name, noun in source.items()]
    nouns: list[Any] = list(source) if isinstance(source, Iterable) else [source]
    wrong = [noun for noun in nouns if not isinstance(noun, Responses | Gram)]
    if wrong or not nouns:
        found = type(wrong[0]).__name__ if wrong else "nothing"
        raise InputError(
            f"{who} needs Responses, a Gram, a Store or a list of them; it found {found}. "
            "From an array: Responses(array, stimuli=names)."
        )
    return nouns


def _called(noun: Any, name: Any, key: str) -> Any:
    """The noun under its name in a mapping, unless labels of its own say what it is."""
    if not isinstance(noun, Responses | Gram) or noun.labels:
        return noun
    labels = {key: str(name)}
    if isinstance(noun, Gram):
        return Gram.from_products(noun.products, noun.stimuli, labels)
    return noun.replace(labels=labels)
