"""Pictures: nouns and an axes in, the axes out; nothing is computed here but the layout.

To add one: a file with a function ``(nouns, ..., ax=None) -> ax`` that takes its axes from
``_style.axes``, and its line in ``__init__.pyi``. A file is never named like a function in it,
or importing the file would hide the function. matplotlib is imported when a plot is first used.
"""

from typing import Any

import lazy_loader

from isocortex.deprecated import warn_old

_found, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

RENAMED = {"hierarchy_tops": "hierarchy_regions"}
"""Names of the release before, which work for one more."""


def __getattr__(name: str) -> Any:
    if name in RENAMED:
        warn_old(f"plots.{name}", f"plots.{RENAMED[name]}")
    return _found(RENAMED.get(name, name))


del lazy_loader
