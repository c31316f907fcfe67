"""The one check at every door: is what was given the noun that the verb needs?"""

import functools
import inspect
import numbers
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, TypeVar, Union, cast

import numpy as np
import pandas as pd

from isocortex.data.arguments import bound_by, wrong_arguments
from isocortex.data.ways import way
from isocortex.errors import InputError
from isocortex.numerics.arrays.cores import is_limited, within_cores
from isocortex.progress import checked_progress
from isocortex.reading import check_path

Door = TypeVar("Door", bound=Callable[..., Any])

ROOMS = frozenset(("plots", "features"))
"""Packages that users name before the verbs in them."""


def needs(given: Any, kinds: Any, who: str, what: str = "") -> Any:
    """``given``, if it is of one of the kinds.

    Parameters
    ----------
    given : object
    kinds : class, tuple of classes or annotation
    who : str
        The verb that was called, as its user writes it.
    what : str, optional
        The name of the argument.

    Raises
    ------
    InputError
        In one sentence: what was given, what is needed, and how to get from one to the other.
    """
    kinds = Union[kinds] if isinstance(kinds, tuple) else kinds  # noqa: UP007
    if fits(given, kinds):
        if Path in (kinds, *typing.get_args(kinds)):
            check_path(given, who)
        return given
    needed = _words(kinds)
    place = f" as {what}" if what else ""
    several = isinstance(given, list | tuple) and len(given) and fits(given[0], kinds)
    arrays = isinstance(given, list | tuple) and len(given) and isinstance(given[0], np.ndarray)
    advice = "give one of them" if several else way(given[0] if arrays else given, needed)
    told = f": {advice}." if advice else "."
    raise InputError(f"{who} needs {_either(needed)}{place}, not {called(given)}{told}")


def called(given: Any) -> str:
    """What a thing is, in a word or two: its class, and of foreign ones where they are from."""
    if given is None:
        return "None"
    if isinstance(given, str):
        return f"the string {given!r:.60}"
    if isinstance(given, type):
        return f"the class {given.__name__} (make one of it: {given.__name__}(...))"
    home = type(given).__module__.partition(".")[0]
    mine = home in ("isocortex", "builtins", "__main__")
    name = type(given).__name__
    if _is_empty(given):
        return f"an empty {name}"
    if isinstance(given, list | tuple):
        return f"a {name} of {type(given[0]).__name__}"
    return name if mine else f"{name} of {home}"


def _is_empty(given: Any) -> bool:
    """Whether it has a length, and that is 0; arrays without axes and sparse ones have none."""
    try:
        return isinstance(given, Sized) and not len(given)
    except TypeError:
        return False


def fits(given: Any, kind: Any) -> bool:
    """Whether a thing is of a kind, as an annotation says it; what cannot be told fits."""
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        members = typing.get_args(kind)
        # ArrayLike of numpy lacks what we take as well: pictures, sparse and lazy matrices.
        arrays = (np.ndarray,) if any("numpy._typing" in str(each) for each in members) else ()
        return any(fits(given, each) for each in (*members, *arrays))
    if origin is tuple or kind is tuple:
        return isinstance(given, Collection) and not isinstance(given, str)
    if origin is not None:
        return _fits_generic(given, origin, typing.get_args(kind))
    if kind is None or kind is type(None):
        return given is None
    if isinstance(kind, TypeVar):
        allowed = kind.__constraints__ or (kind.__bound__ or Any,)
        return any(fits(given, each) for each in allowed)
    if kind in _NUMBERS:
        return _is_number(given, kind)
    if kind is np.ndarray:
        return isinstance(given, list | tuple | numbers.Number) or _has_any(given, _LIKE_ARRAYS)
    if not isinstance(kind, type) or kind in (object, Any):
        return True
    if getattr(kind, "_is_protocol", False) and not getattr(kind, "_is_runtime_protocol", False):
        return True
    return isinstance(given, kind)


def fits_by_class(given: Any, kind: Any) -> bool:
    """Whether whatever is of the class of ``given`` fits, without a look at what is in it."""
    if isinstance(kind, TypeVar):
        allowed = kind.__constraints__ or (kind.__bound__,)
        return any(fits_by_class(given, each) for each in allowed)
    origin, members = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(given, str) and Path in (kind, *members):
        return False  # A name may be one that no file can have.
    if origin in (Union, types.UnionType):
        return any(fits_by_class(given, each) for each in members)
    if kind in (Any, object) or (type(given) is np.ndarray and _is_numpys(origin)):
        return True
    if origin in (Iterable, Sequence, Collection):
        return type(given) in (list, tuple) and not any(_is_ours(each) for each in members)
    if origin is Mapping:
        return type(given) is dict and not _is_looked_into(members[-1])
    if not isinstance(kind, type) or origin is not None:
        return False
    if getattr(kind, "_is_protocol", False):
        # Objects of others may have what a protocol asks for, or not, each for itself.
        ours = type(given).__module__.startswith("isocortex.data.")
        return ours and getattr(kind, "_is_runtime_protocol", False) and isinstance(given, kind)
    return isinstance(given, numbers.Number if kind in _NUMBERS else kind)


_NUMBERS = (int, float, complex, bool)


def _is_number(given: Any, kind: Any) -> bool:
    """Whether it is one number; of an array library that has the shape ()."""
    shape = getattr(given, "shape", None)
    if isinstance(shape, tuple) and shape == () and not isinstance(given, numbers.Number):
        return "complex" not in str(getattr(given, "dtype", "")) or kind is complex
    return isinstance(given, numbers.Number if kind is complex else numbers.Real)


_LIKE_ARRAYS = ("__array__", "__array_interface__", "toarray", "chunk_columns")


def _has_any(given: Any, names: Iterable[str]) -> bool:
    return any(hasattr(given, name) for name in names)


def _is_numpys(kind: Any) -> bool:
    """Whether it is one of the protocols that numpy.typing.ArrayLike is made of."""
    return getattr(kind, "__module__", "").startswith("numpy._typing")


def _fits_generic(given: Any, origin: Any, members: tuple[Any, ...]) -> bool:
    if _is_numpys(origin):
        # What a list must hold to be an array, its verb knows better.
        return isinstance(given, list | tuple) or _has_any(given, _LIKE_ARRAYS)
    if origin is typing.Literal:
        return True
    if origin is Callable:
        return callable(given)
    # Arrays and columns of tables are lists to us, though not to Python.
    like = (
        origin in (Sequence, Collection)
        and hasattr(given, "__array__")
        and len(getattr(given, "shape", ())) > 0
        and not type(given).__module__.startswith("isocortex.")
        and not any(_is_ours(each) for each in members)
    )
    single = getattr(given, "shape", None) == ()  # A number of torch has what lists have.
    if single or not isinstance(origin, type) or not (isinstance(given, origin) or like):
        return False
    if isinstance(given, Mapping) and issubclass(origin, Mapping) and len(members) == 2:
        if not _is_looked_into(members[1]):
            return True
        # What is no dictionary may read from disk when it is asked.
        values = list(given.values()) if isinstance(given, dict) else [*given.values()][:1]
        return all(fits(each, members[1]) for each in values)
    if not members or not _is_ours(members[0]):
        names = not members or members[0] in (str, object, Any)
        return names or not isinstance(given, str)
    if isinstance(given, str | np.ndarray | pd.DataFrame):
        return False
    # Others can be gone through only once, which is for the verb to do.
    known = given if isinstance(given, list | tuple) else ()
    if _is_empty(given):
        return False
    return all(fits(each, members[0]) for each in known)


def _is_looked_into(kind: Any) -> bool:
    """Whether the values of a mapping are looked at one by one."""
    return _is_ours(kind) or float in (kind, *typing.get_args(kind))


def _is_ours(kind: Any) -> bool:
    """Whether an annotation has to do with our nouns."""
    inner = typing.get_args(kind)
    if isinstance(kind, TypeVar):
        inner = kind.__constraints__ or (kind.__bound__,)
    if inner:
        return any(_is_ours(each) for each in inner)
    return isinstance(kind, type) and kind.__module__.startswith("isocortex.")


def _words(kind: Any) -> list[str]:
    """Names of the kinds of an annotation, as a sentence has them."""
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        members = typing.get_args(kind)
        if any(map(_is_numpys, members)):
            # ArrayLike also has what is one number or word, which nobody would call an array.
            some = [w for each in members if _is_ours(each) for w in _words(each)]
            return list(dict.fromkeys([*some, "an array"]))
        return list(dict.fromkeys(w for each in members for w in _words(each)))
    if kind is None or kind is type(None):
        return ["None"]
    if isinstance(kind, TypeVar):
        return [w for each in kind.__constraints__ or (kind.__bound__,) for w in _words(each)]
    if origin is Callable:
        return ["a function"]
    if origin is not None:
        inner = [w for each in typing.get_args(kind) if each is not ... for w in _words(each)]
        inner = [each for each in inner if each not in ("object", "Any", "None")]
        if issubclass(origin, Mapping):
            return [f"a mapping to {_either(inner[1:])}" if inner[1:] else "a mapping"]
        return [f"a list of {_either(inner)}" if inner else "a list"]
    if kind.__name__ in _SPOKEN:
        return _SPOKEN[kind.__name__]
    plain = {str: "a string", int: "a number", float: "a number", Path: "a path"}
    return [plain.get(kind, getattr(kind, "__name__", str(kind)))]


def _is_plain(kind: Any) -> bool:
    """Whether an annotation says nothing but numbers, or a path."""
    if typing.get_origin(kind) not in (None, Union, types.UnionType):
        return False
    members = [each for each in typing.get_args(kind) or (kind,) if each is not type(None)]
    return Path in members or all(each in (int, float) for each in members)


_SPOKEN = {
    "HasStimuli": ["Responses", "Trials", "Gram", "RDMs"],
    "HasMaps": ["Clusters"],
    "MneCovariance": ["a covariance of MNE"],
    "_Field": ["ReceptiveField"],
    "_Saliency": ["Saliency"],
    "_Optimum": ["OptimalStimulus"],
}


def _either(words: list[str]) -> str:
    words = list(dict.fromkeys(each for each in words if each not in ("None", "Any")))
    if "_Buffer" in words:  # What numpy calls ArrayLike is a union of all that it can take.
        ours = [each for each in words if each[0].isupper() or each == "a path"]
        words = [*ours, "an array"]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def door(function: Door) -> Door:
    """A public verb or noun that checks what it is given before anything, by its annotations.

    Checked are all arguments whose annotation names a noun of ours, numbers or a path, and, of
    any kind, those that must be given.

    Parameters
    ----------
    function : function or class
        With annotations; it is called in errors as its users write it, ``rdms`` or ``plots.rdm``.
    """
    if isinstance(function, type):
        function.__init__ = _checked_init(function)
        return cast(Door, function)
    room = function.__module__.removeprefix("isocortex.").partition(".")[0]
    who = f"{room}.{function.__name__}" if room in ROOMS else function.__name__
    check = _check_of(function, inspect.signature(function), who)

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        check(args, kwargs)
        if not is_limited():
            return function(*args, **kwargs)
        with within_cores():
            return function(*args, **kwargs)

    return cast(Door, checked)


def _checked_init(cls: Any) -> Any:
    """What makes an object of a class, with its arguments checked."""
    make = cls.__init__
    check = _check_of(make, inspect.signature(cls), cls.__name__)

    @functools.wraps(make)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        check(args, kwargs)
        make(self, *args, **kwargs)

    return checked


def _check_of(function: Any, signature: inspect.Signature, who: str) -> Callable[..., None]:
    """A function that checks the arguments of a call."""

    bound = bound_by(signature)

    @functools.cache
    def kinds() -> dict[str, tuple[Any, set[type]]]:
        hints = _hints(function)
        return {
            name: (hints[name], set())
            for name, each in signature.parameters.items()
            if name in hints
            and name not in ("seed", "progress")  # which have rules of their own
            and each.kind not in (each.VAR_KEYWORD,)
            and (each.default is each.empty or _is_ours(hints[name]) or _is_plain(hints[name]))
        }

    def check(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            given = bound(args, kwargs)
        except TypeError as problem:
            raise wrong_arguments(who, problem, signature) from None
        if "progress" in given:
            checked_progress(given["progress"], who)
        for name, (kind, sure) in kinds().items():
            if name in given:
                several = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
                for each in given[name] if several else (given[name],):
                    # What fits by its class alone is looked at once, not at every call.
                    if type(each) not in sure:
                        needs(each, kind, who, name)
                        if fits_by_class(each, kind):
                            sure.add(type(each))

    return check


def _hints(function: Any) -> dict[str, Any]:
    """Annotations; without those that name what is imported for the type checker alone."""
    try:
        return typing.get_type_hints(function)
    except NameError:
        known = inspect.get_annotations(inspect.unwrap(function))
        return {name: each for name, each in known.items() if not isinstance(each, str)}
