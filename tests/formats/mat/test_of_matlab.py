"""Files that MATLAB itself has written, versions 4 to 7.4, both byte orders, damaged: as scipy."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io.matlab
from scipy.io import loadmat, whosmat
from scipy.sparse import issparse

from isocortex.errors import FormatError
from isocortex.formats.mat import v4, v5
from isocortex.formats.mat.files import is_hdf5, read_array

FOLDER = Path(scipy.io.matlab.__file__).parent / "tests" / "data"
FILES = [path for path in sorted(FOLDER.glob("*.mat")) if not is_hdf5(path.read_bytes()[:520])]
DAMAGED = {
    *("malformed1.mat", "corrupted_zlib_data.mat", "corrupted_zlib_checksum.mat"),
    *("bad_miuint32.mat", "broken_utf8.mat"),
}
FOREIGN = {"bad_miutf8_array_name.mat", "debigged_m4.mat"}
"""What scipy refuses for a letter, and what it takes for another machine's."""


def plain(value):
    """Numbers of scipy's, dense and in the byte order of this machine; None for all else."""
    value = value.toarray() if issparse(value) else value
    is_array = isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
    return value.astype(value.dtype.newbyteorder("=")) if is_array else None


def listed(path):
    found = v4.listing(path) if v4.is_v4(path.read_bytes()[:200]) else v5.listing(path)
    return {name: shape for name, shape, _ in found}


@pytest.mark.skipif(not FILES, reason="this scipy came without the files of its tests")
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_variables_and_numbers_are_those_that_scipy_finds():
    n_arrays = 0
    for path in FILES:
        if path.name in DAMAGED | FOREIGN or "complex" in path.name:
            continue
        shapes = listed(path)
        # What begins so MATLAB keeps for its functions.
        assert list(shapes) == [n for n, *_ in whosmat(path) if not n.startswith("__")], path.name
        # In the class that a variable has, which may be wider than the type that it is kept in.
        of_class = not v4.is_v4(path.read_bytes()[:200])
        for name, value in loadmat(path, mat_dtype=of_class).items():
            numbers = plain(value)
            if name.startswith("__") or numbers is None:
                continue
            assert shapes[name] == numbers.shape
            found = read_array(path, name)
            if not issparse(value) and numbers.dtype != bool:  # Truth values stay 0 and 1.
                assert found.dtype == numbers.dtype, (path.name, name)
            np.testing.assert_array_equal(found, numbers, err_msg=path.name)
            n_arrays += 1
    assert n_arrays >= 40


@pytest.mark.parametrize("name", sorted(DAMAGED))
def test_what_is_damaged_is_refused_when_it_is_read(name):
    path = FOLDER / name
    if not path.is_file():
        pytest.skip("this scipy came without the files of its tests")
    with pytest.raises(FormatError, match="truncated or damaged"):
        v5.read_all(path)
