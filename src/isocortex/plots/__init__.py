"""Pictures: nouns and an axes in, the axes out; nothing is computed here but the layout.

To add one: a file with a function ``(nouns, ..., ax=None) -> ax`` that takes its axes from
``_style.axes``, and its line in ``__init__.pyi``. A file is never named like a function in it,
or importing the file would hide the function. matplotlib is imported when a plot is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

del lazy_loader
