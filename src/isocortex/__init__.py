"""isocortex: compare deep networks with brains.

The names below are imported when they are first used, so that ``import isocortex`` is light;
``__init__.pyi`` lists them with their types.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "0.2.0"

del lazy_loader
