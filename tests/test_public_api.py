import subprocess
import sys

import isocortex as ic


def test_every_public_name_is_there():
    missing = [name for name in ic.__all__ if not hasattr(ic, name)]
    assert not missing


def test_kinds_of_errors_are_reached_by_the_name_of_their_page():
    code = "import isocortex as ic; print(ic.errors.LeakWarning.__name__)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "LeakWarning"


def test_import_is_light():
    heavy = "torch torchvision timm transformers nilearn mne matplotlib dask sklearn pandas zarr"
    code = f"import sys, isocortex; print([m for m in {heavy.split()!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert found.strip() == "[]"


def test_arrays_and_rdms_need_no_torch():
    code = (
        "import sys, numpy as np, isocortex as ic; x = np.eye(5) + 1e-3; "
        "r = ic.rdms(ic.Responses(x)); ic.compare(r, ic.RDMs(r.values, r.stimuli), 'cosine'); "
        "print([m for m in ('torch', 'matplotlib', 'nilearn', 'mne', 'dask') if m in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert found.strip() == "[]"
