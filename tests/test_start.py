"""What is imported for what: whoever asks for little waits for little."""

import subprocess
import sys

import nibabel
import numpy as np
import pytest
from scipy.io import savemat

import isocortex as ic
from isocortex.arrays import above_diagonal

HEAVY = {
    *("torch", "torchvision", "transformers", "timm", "matplotlib", "nibabel", "nilearn", "h5py"),
    *("zarr", "mne", "numba", "pydantic", "xarray", "dask", "numpy", "pandas", "sklearn"),
    *("scipy.stats", "scipy.optimize", "scipy.spatial"),
    *("sklearn.model_selection", "sklearn.metrics", "sklearn.pipeline", "sklearn.linear_model"),
    *("rich.progress", "sklearn.preprocessing", "sklearn.decomposition"),
}

RESPONSES = """
import numpy as np, isocortex as ic
names = [f"s{i}" for i in range(12)]
a, b = (ic.Responses(np.random.default_rng(i).random((12, 4)), names) for i in (0, 1))
"""
COMMAND = "from isocortex.cli import main\ntry:\n    main({!r})\nexcept SystemExit:\n    pass\n"


def imported(code):
    """Which of the heavy modules a fresh process has after some code."""
    said = f"{code}\nimport sys\nprint('\\nheavy:', *(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", said], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rsplit("heavy:", 1)[1].split())


def test_the_package_imports_nothing_heavy():
    assert imported("import isocortex") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["rdm", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments):
    assert imported(COMMAND.format(arguments)) == set()


def test_distances_need_neither_statistics_nor_scikit_learn():
    assert imported(RESPONSES + "ic.rdms(a)") == {"numpy", "pandas"}


def test_comparisons_import_no_statistics():
    compared = "ic.compare(ic.rdms(a), ic.rdms(b))\nic.compare(ic.rdms(a), ic.rdms(b), 'cosine')\n"
    found = imported(
        RESPONSES + compared + "ic.similarity(a, b)\nic.noise_ceiling(ic.rdms([a, b]))"
    )
    assert found == {"numpy", "pandas"}


@pytest.mark.parametrize("model", ["Ridge([1.0, 10.0])", "OLS()", "PCR(2)", "PLS(2)"])
def test_mapping_imports_what_its_models_rest_on_and_no_selection_of_models(model):
    found = imported(RESPONSES + f"ic.encode(a, b, ic.{model}, folds=3)")
    # Estimators are scikit-learn's, whose base class rests on all of scipy's statistics.
    assert found <= {
        *("numpy", "pandas", "sklearn"),
        *("scipy.stats", "scipy.optimize", "scipy.spatial"),
    }


def test_info_of_a_small_file_imports_no_store_and_no_network(tmp_path, rng):
    names = [f"s{i}" for i in range(6)]
    ic.save(ic.rdms(ic.Responses(rng.random((6, 4)), names)), tmp_path / "x.npz")
    found = imported(COMMAND.format(["info", str(tmp_path / "x.npz")]))
    assert found <= {"numpy", "pandas"}


def test_info_of_files_imports_the_reader_of_the_format_at_most(tmp_path, rng):
    names = [f"s{i}" for i in range(6)]
    responses = ic.Responses(rng.random((6, 4)), names)
    ic.write_act_h5({"fc": responses}, tmp_path / "net.act.h5")
    ic.write_features({"fc": responses}, tmp_path / "features")
    ic.write_bdata(ic.BData(np.eye(3), {"ROI_V1": np.ones(3)}, {}, {}), tmp_path / "subject.h5")
    np.save(tmp_path / "array.npy", np.eye(3))
    savemat(tmp_path / "five.mat", {"feat": np.eye(3)})
    nibabel.Nifti1Image(np.ones((2, 2, 2)), np.eye(4)).to_filename(tmp_path / "bold.nii.gz")
    (tmp_path / "words.csv").write_text("word,onset,offset\nthe,0,1\ncat,1,2\n")
    files = [str(path) for path in [*tmp_path.glob("*.*"), *tmp_path.rglob("s0.mat")]]
    assert len(files) == 7
    found = imported("".join(COMMAND.format(["info", path]) for path in files))
    assert found <= {"numpy", "pandas", "h5py", "nibabel"}


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_what_is_above_the_diagonal_is_that_of_squareform(n, rng):
    from scipy.spatial.distance import squareform

    square = rng.random((n, n)) if n else np.empty((0, 0))
    square = square + square.T
    np.fill_diagonal(square, 0)
    wanted = squareform(square, checks=False) if n > 1 else np.empty(0)
    np.testing.assert_array_equal(above_diagonal(square), wanted)
