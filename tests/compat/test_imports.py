"""Importing the packages for old scripts changes nothing in other packages."""

import json
import subprocess
import sys

import numpy as np
import pytest

_SCRIPT = """
import json, os, pkgutil, importlib, random, socket, sys, warnings
warnings.simplefilter("ignore")
# First the libraries themselves, for what their own import does (rich draws a random number).
import h5py, matplotlib.pyplot, nibabel, numpy, pandas, PIL.Image, scipy, torch
import sklearn.model_selection
from isocortex.networks.zoo.torchvision_shim import torchvision
torchvision()
WATCHED = ("h5py", "matplotlib", "nibabel", "numpy", "pandas", "PIL", "scipy", "sklearn", "torch",
           "torchvision", "builtins", "os", "pickle", "json", "random", "socket")
def state():
    return {
        "warnings": repr(warnings.filters), "environment": dict(os.environ), "path": list(sys.path),
        "rcParams": repr(dict(matplotlib.rcParams)), "numpy": repr(numpy.geterr()),
        "numpy.random": repr(numpy.random.get_state()), "random": repr(random.getstate()),
        "torch.random": torch.initial_seed(), "dtype": str(torch.get_default_dtype()),
        "gradients": torch.is_grad_enabled(), "threads": torch.get_num_threads(),
        "timeout": socket.getdefaulttimeout(), "pixels": PIL.Image.MAX_IMAGE_PIXELS,
        "hooks": repr([sys.excepthook, sys.displayhook, sys.meta_path, sys.path_hooks]),
    }

# matplotlib chooses its backend when its settings are read, so they come first.
before = state()
modules = {n: m for n, m in sys.modules.items() if n.partition(".")[0] in WATCHED and m is not None}
kept = {n: {k: id(v) for k, v in vars(m).items() if not k.startswith("__")}
        for n, m in modules.items()}
# Held, so that no address is used again.
held = [list(vars(m).values()) for m in modules.values()]

names = set(sys.modules)
import isocortex.compat as compat
found = [each.name for each in pkgutil.walk_packages(compat.__path__, "isocortex.compat.")]
for name in found:
    importlib.import_module(name)
replaced = sorted(n for n, m in modules.items() if sys.modules.get(n) is not m)
changed = sorted(f"{n}.{k}" for n, m in modules.items() for k, i in kept[n].items()
                 if id(vars(m).get(k)) != i)
new = sorted(f"{n}.{k}" for n, m in modules.items()
             for k in set(vars(m)) - set(kept[n])
             if not k.startswith("__") and type(vars(m)[k]).__name__ != "module")
after = state()
moved = sorted(k for k in before if before[k] != after[k])
old = sorted({n.partition(".")[0] for n in set(sys.modules) - names} & {"dnnbrain", "net2brain"})
print(json.dumps([len(found), replaced, changed, new, moved, old]))
"""


def test_numpy_gets_no_object_of_old_scripts():
    import isocortex.compat.dnnbrain  # noqa: F401

    assert "object" not in vars(np)


@pytest.mark.slow
def test_old_names_change_nothing_in_other_packages():
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    n_found, *wrong = json.loads(done.stdout.splitlines()[-1])
    assert n_found > 40
    assert wrong == [[], [], [], [], []]
