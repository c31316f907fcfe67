import hashlib

import pytest

from isocortex.datasets.download import digest, is_file_of


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_bytes_of_a_file_are_told_by_either_hash(algorithm, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"some bytes")
    right = f"{algorithm}:{hashlib.new(algorithm, b'some bytes').hexdigest()}"
    assert digest(path, right) == right
    assert is_file_of(path, right)
    assert not is_file_of(path, f"{algorithm}:0000")
