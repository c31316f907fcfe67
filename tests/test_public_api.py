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
