"""Data sets by name: found on this machine or fetched, and checked by their hash."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

del lazy_loader
