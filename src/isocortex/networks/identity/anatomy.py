"""What objects, classes and functions consist of, piece by piece."""

import dis
import functools
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path, PurePath
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
PLAIN = (
    *(str, bytes, bytearray, int, float, complex, range, slice),
    *(type(None), type(Ellipsis), PurePath, re.Pattern),
)


def readable(value: Any) -> str:
    """The ``repr`` of a value without memory addresses, which differ from run to run."""
    return _ADDRESS.sub("", repr(value))


_OF_TORCH_MODULES = frozenset(
    ("training", "_parameters", "_buffers", "_modules", "_non_persistent_buffers_set")
)
# Where a network was loaded from, and by which version, does not change what it computes.
_BOOKKEEPING = frozenset(("_name_or_path", "name_or_path", "transformers_version", "_commit_hash"))


def named(thing: Any) -> str:
    """A class or function by its name; where it was defined does not matter, its code does.

    The same class may come from a script in one run and from an import in the next.
    """
    name = getattr(thing, "__name__", type(thing).__name__)
    return f"torch.{name}" if is_torch(thing) else str(name)


def is_torch(thing: Any) -> bool:
    """Whether torch itself defines a class or function."""
    return str(getattr(thing, "__module__", "")).split(".")[0] == "torch"


@functools.cache
def _installed(top: str) -> bool:
    if top in sys.stdlib_module_names or top in ("builtins", "isocortex"):
        return top != "__main__"
    module = sys.modules.get(top)
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    parts = {part for place in places if place for part in Path(place).parts}
    return bool(parts & {"site-packages", "dist-packages"})


def of_a_library(thing: Any) -> bool:
    """Whether a class or function comes with an installed package, and not from the user."""
    return _installed(str(getattr(thing, "__module__", "")).split(".")[0])


Parts = Iterator[tuple[str, Any]]


def parts_of(thing: Any, own: bool) -> Parts:
    """What an object consists of, by name."""
    for kind, parts in _KINDS:
        if isinstance(thing, kind):
            return parts(thing, own)
    return _of_object(thing, own)


def _of_function(function: FunctionType, own: bool) -> Parts:
    if is_torch(function):
        return
    code = function.__code__
    yield "code", code
    yield "defaults", (function.__defaults__, function.__kwdefaults__)
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        yield f"cell {name}", _content(cell)
    if own and not of_a_library(function):
        for name in sorted(_looked_up(code)):
            if name in function.__globals__:
                yield from _of_global(name, function.__globals__[name], code)
    for name, value in sorted(vars(function).items()):
        if not name.startswith("_"):
            yield f"attribute {name}", value


def _of_global(name: str, value: Any, code: CodeType) -> Parts:
    """What a function finds by a global name; of the user's modules, what it asks them for."""
    if not isinstance(value, ModuleType):
        yield f"global {name}", value
    elif not _installed(value.__name__.split(".")[0]):
        for attribute in sorted(set(_all_names(code)) & set(vars(value))):
            yield f"global {name}.{attribute}", vars(value)[attribute]


def _of_class(kind: type, own: bool) -> Parts:
    for base in kind.__mro__:
        if is_torch(base) or base.__module__ == "builtins":
            continue
        whole = own and not of_a_library(base)
        for name, value in sorted(vars(base).items()):
            inner = _function_in(value)
            if inner is not None:
                yield f"{base.__name__}.{name}", inner
            elif not name.startswith("_") and (whole or isinstance(value, PLAIN)):
                yield f"{base.__name__}.{name}", value


def _of_method(method: Any, _own: bool) -> Parts:
    yield "function", method.__func__
    yield "of", method.__self__


def _of_partial(function: functools.partial, _own: bool) -> Parts:
    yield "function", function.func
    yield "arguments", (function.args, function.keywords)


def _of_enum(member: Enum, _own: bool) -> Parts:
    yield "member", (member.name, repr(member.value))


def _of_object(thing: Any, own: bool) -> Parts:
    """An instance: its class, and what it holds."""
    if isinstance(thing, ModuleType) or type(thing).__module__ == "builtins":
        bound = getattr(thing, "__self__", None)
        yield "name", getattr(thing, "__qualname__", named(thing))
        if bound is not None and not isinstance(bound, ModuleType):
            yield "of", bound
        return
    kind = type(thing)
    yield "class", kind
    yield from _source(thing)
    if kind.__module__.split(".")[0] in sys.stdlib_module_names and kind.__module__ != "__main__":
        yield "readable", readable(thing)
        return
    held = _held(thing)
    if not held:
        yield "readable", readable(thing)
    for name, value in sorted(held.items()):
        if name not in _BOOKKEEPING and (own or isinstance(value, PLAIN)):
            yield name, value


def _of_container(thing: Any, _own: bool) -> Parts:
    yield "content", list(thing.items()) if isinstance(thing, Mapping) else tuple(thing)


_KINDS: tuple[tuple[Any, Callable[[Any, bool], Parts]], ...] = (
    (FunctionType, _of_function),
    (MethodType, _of_method),
    (type, _of_class),
    (functools.partial, _of_partial),
    (Enum, _of_enum),
    (tuple | list | Mapping, _of_container),
)


_Function = FunctionType | MethodType


def settings_of(module: Any) -> dict[str, Any]:
    """What a module of a network holds beside weights and children, by name."""
    held = {k: v for k, v in vars(module).items() if k not in _OF_TORCH_MODULES}
    if is_torch(type(module)):
        # Of torch's own modules the settings alone: the rest is its machinery.
        held = {
            name: value
            for name, value in held.items()
            if isinstance(value, bool | int | float | str | tuple | list | None | _Function)
            and not name.startswith("_")
        }
    held = {k: v for k, v in held.items() if k not in _BOOKKEEPING and not _machinery(k)}
    held["extra_repr()"] = module.extra_repr() if hasattr(module, "extra_repr") else ""
    return {**held, **dict(_source(module))}


def _machinery(name: str) -> bool:
    return "_hooks" in name or name in ("_is_full_backward_hook", "_compiled_call_impl")


def _source(thing: Any) -> Parts:
    """Compiled modules and functions tell their code as a text."""
    code = getattr(thing, "code", None) if is_torch(type(thing)) else None
    if isinstance(code, str):
        yield "source", code


def _held(thing: Any) -> dict[str, Any]:
    held = dict(getattr(thing, "__dict__", {}))
    for base in type(thing).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(thing, name):
                held[name] = getattr(thing, name)
    return {k: v for k, v in held.items() if k != "training" and not _machinery(k)}


def _function_in(value: Any) -> Any:
    """The function of a class that stands for a method, property or static method."""
    for attribute in ("__func__", "fget", "func"):
        inner = getattr(value, attribute, None)
        if isinstance(inner, FunctionType):
            return inner
    return value if isinstance(value, FunctionType) else None


def original(thing: Any) -> Any:
    """What a cache or a compiler has wrapped."""
    for attribute in ("_torchdynamo_orig_callable", "__wrapped__"):
        inner = getattr(thing, "__dict__", {}).get(attribute)
        if inner is not None and (
            attribute != "__wrapped__" or type(thing).__module__ == "functools"
        ):
            return inner
    return thing


def has_a_name(thing: Any) -> bool:
    """Whether it goes by its own name (classes, functions) rather than by its class's."""
    return isinstance(thing, type | ModuleType) or (callable(thing) and hasattr(thing, "__name__"))


def _looked_up(code: CodeType) -> set[str]:
    """The names that code and the functions inside it look up outside."""
    names = {
        each.argval for each in dis.get_instructions(code) if each.opname.startswith("LOAD_GLOBAL")
    }
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return names.union(*map(_looked_up, inner))


def _all_names(code: CodeType) -> list[str]:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return [*code.co_names, *(name for each in inner for name in _all_names(each))]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
