import subprocess
import sys

import numpy as np
import pytest

from isocortex.study.keys import FileKeys, array_key, key_of

GIVEN = ({"a": ["x", None, True], "b": 1.5}, np.arange(6.0).reshape(2, 3))
KNOWN = """
import numpy as np
from isocortex.study.keys import key_of
print(key_of({"b": 1.5, "a": ["x", None, True]}, np.arange(6.0).reshape(2, 3)))
"""


def test_a_key_is_the_same_in_every_process():
    found = {
        subprocess.run(
            [sys.executable, "-c", KNOWN],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("0", "1")
    }
    assert found == {f"{key_of(*GIVEN)}\n"}


def test_order_in_memory_and_bytes_do_not_matter_values_and_kinds_do():
    x = np.arange(6.0).reshape(2, 3)
    assert array_key(np.asfortranarray(x)) == array_key(x)
    assert array_key(x.astype(">f8")) == array_key(x)
    assert array_key(np.repeat(x, 2, 0)[::2]) == array_key(x)
    others = [x.astype("float32"), x.reshape(3, 2), x + 1e-12, -x, x.astype(int)]
    assert len({array_key(each) for each in [x, *others]}) == 6


def test_the_order_of_a_mapping_does_not_matter_and_that_of_a_list_does():
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of([1, 2]) != key_of([2, 1])
    assert key_of("1") != key_of(1)


def test_what_has_no_lasting_key_is_refused():
    with pytest.raises(TypeError, match="has no key"):
        key_of(object())


def test_a_file_is_read_again_only_when_it_changed(tmp_path, monkeypatch):
    path = tmp_path / "a.bin"
    path.write_bytes(b"one")
    files = FileKeys()
    first = files.of(path)
    later = FileKeys(files.known)
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.open", lambda *_: pytest.fail("read again"))
        assert later.of(path) == first
    path.write_bytes(b"other")
    assert later.of(path) != first
