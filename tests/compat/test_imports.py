"""Importing the packages for old scripts changes nothing in other packages."""

import json
import subprocess
import sys

import numpy as np
import pytest

_SCRIPT = """
import json, pkgutil, importlib, warnings
warnings.simplefilter("ignore")
import numpy, pandas, scipy, torch, PIL.Image, nibabel, h5py
watched = (numpy, pandas, scipy, torch, PIL.Image, nibabel, h5py)
import isocortex
def names():
    return {m.__name__: {k for k, v in vars(m).items()
            if not k.startswith("_") and type(v).__name__ != "module"} for m in watched}
kept = {m.__name__: {k: id(v) for k, v in vars(m).items() if k[0] != "_"} for m in watched}
before = names()
import isocortex.compat as compat
for each in pkgutil.walk_packages(compat.__path__, "isocortex.compat."):
    importlib.import_module(each.name)
changed = [f"{m.__name__}.{k}" for m in watched for k, i in kept[m.__name__].items()
           if id(vars(m).get(k)) != i]
new = [f"{m}.{k}" for m, found in names().items() for k in sorted(found - before[m])]
print(json.dumps([changed, new]))
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
    assert json.loads(done.stdout.splitlines()[-1]) == [[], []]
