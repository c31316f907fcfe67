"""Features of what was shown: stimuli in, Responses out, with the table of the stimuli.

To add one: a file with a function that ends in ``rows.responses(...)``, its line in
``__init__.pyi``, and one on the API page. A file is never named like a function in it, or
importing the file would hide the function.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

del lazy_loader
