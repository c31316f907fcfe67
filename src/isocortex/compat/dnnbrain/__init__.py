"""DNNBrain's module paths, classes, files and commands, over the verbs of isocortex.

A script for DNNBrain runs when ``dnnbrain`` is replaced by ``isocortex.compat.dnnbrain``.
``docs/dnnbrain.md`` says where results differ, because the original's were wrong.
"""

import numpy as np

# Scripts of that time write numpy.object, which numpy 1.24 took away; nothing else here needs it.
if "object" not in vars(np):
    np.object = object  # pyright: ignore[reportAttributeAccessIssue]  # noqa: NPY001
