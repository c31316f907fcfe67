"""DNNBrain's module paths, classes, files and commands, over the verbs of isocortex.

A script for DNNBrain runs when ``dnnbrain`` is replaced by ``isocortex.compat.dnnbrain``.
``docs/dnnbrain.md`` says where results differ, because the original's were wrong.
"""
