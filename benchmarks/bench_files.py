"""Files against the library that everybody reads them with: time, memory, and a plain copy.

python benchmarks/bench_files.py [mat | numpy | images | tables | features | start]

The files are just written, so that the disk is not measured. Beside each row stands how many times
a copy of its numbers in memory would have gone into the time of ours: 1 is the floor.
"""

import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from common import say_machine, seconds

import isocortex as ic

RNG = np.random.default_rng(0)
ROUNDS = 3


def row(name: str, ours: Callable, peer: Callable, n_bytes: int) -> None:
    """Processor time of both in turn and of a copy, medians; peak of what Python allocates."""
    times = max(1, round(0.02 / max(1e-6, min(seconds(ours), seconds(ours)))))
    peer()
    source = np.ones(max(1, n_bytes // 8))
    taken = [[_cpu(each, times) for each in (ours, peer, source.copy)] for _ in range(ROUNDS)]
    mine, theirs, copy = (median(each) for each in zip(*taken, strict=True))
    held = [_peak(each) for each in (ours, peer)]
    print(
        f"{name:44} ours {1e3 * mine:8.3g} ms, {held[0]:5.1f} MB; "
        f"peer {1e3 * theirs:8.3g} ms, {held[1]:5.1f} MB; {theirs / mine:5.2f} times; "
        f"{mine / copy:6.1f} copies",
        flush=True,
    )


def _cpu(job: Callable, times: int) -> float:
    start = time.process_time()
    for _ in range(times):
        job()
    return (time.process_time() - start) / times


def _peak(job: Callable) -> float:
    tracemalloc.start()
    job()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def mat(folder: Path) -> None:
    """Versions 5 and 7.3, plain and packed, a variable behind others, a small file."""
    import h5py
    from scipy.io import loadmat, savemat, whosmat

    from isocortex.formats.mat import v5
    from isocortex.formats.mat.files import read_array

    path = folder / "one.mat"
    large, small = RNG.random((1000, 2500)), RNG.random((10, 25))
    rectified = np.maximum(RNG.normal(size=(1000, 5000)), 0).astype(np.float32)
    kinds = {
        "20 MB": ({"feat": large}, False),
        "20 MB, packed": ({"feat": large}, True),
        "20 MB, half zeros, packed": ({"feat": rectified}, True),
        "2 kB behind 20 MB": ({"large": large, "feat": small}, False),
        "2 kB behind 20 MB, packed": ({"large": large, "feat": small}, True),
        "2 kB": ({"feat": small}, False),
    }
    for name, (held, packed) in kinds.items():
        savemat(path, held, do_compression=packed)
        row(
            f"MATLAB 5, {name}",
            lambda: read_array(path, "feat"),
            lambda: loadmat(path, variable_names=["feat"])["feat"],
            held["feat"].nbytes,
        )
    savemat(path, {f"x{i}": rectified[i::8] for i in range(8)}, do_compression=True)
    row("MATLAB 5, names of 8 packed", lambda: v5.listing(path), lambda: whosmat(path), 8)
    with h5py.File(path, "w") as file:
        file["feat"] = large

    def by_h5py() -> np.ndarray:
        with h5py.File(path, "r") as file:
            return file["feat"][()]

    row("MATLAB 7.3, 20 MB", lambda: read_array(path, "feat"), by_h5py, large.nbytes)


def numpy(folder: Path) -> None:
    """Responses of 20 MB, saved and read with their names and checksums, and a bare array."""
    values = RNG.random((1000, 2500))
    held = ic.Responses(values, [f"n{i}" for i in range(1000)])
    ours, theirs, bare = folder / "a.npz", folder / "b.npz", folder / "c.npy"

    def load() -> np.ndarray:
        with np.load(theirs) as found:
            return found["x"]

    row(
        "npz, 20 MB, save",
        lambda: ic.save(held, ours),
        lambda: np.savez(theirs, x=values),
        2 * 10**7,
    )
    row("npz, 20 MB, read", lambda: ic.read(ours), load, values.nbytes)
    np.save(bare, values)
    row(
        "npy, 20 MB, into Responses",
        lambda: ic.Responses(np.load(bare)),
        lambda: np.load(bare),
        values.nbytes,
    )


def images(folder: Path) -> None:
    """A run of 40 x 48 x 40 voxels x 60 volumes, and 60 maps of 64 984 vertices."""
    import nibabel

    values = RNG.normal(size=(40, 48, 40, 60)).astype(np.float32)
    mask = np.zeros(values.shape[:3], np.uint8)
    mask[8:32, 8:40, 8:32] = 1
    for suffix in ("nii", "nii.gz"):
        path = folder / f"bold.{suffix}"
        nibabel.Nifti1Image(values, np.eye(4)).to_filename(path)
        row(
            f"NIfTI, {suffix}, 18 MB, voxels of a mask",
            lambda path=path: ic.read_nifti(path, mask),
            lambda path=path: np.ascontiguousarray(nibabel.load(path).dataobj[:][mask > 0].T),
            values.nbytes,
        )
    sides = [
        nibabel.cifti2.BrainModelAxis.from_mask(np.ones(32492), name)
        for name in ("CortexLeft", "CortexRight")
    ]
    maps = nibabel.cifti2.ScalarAxis([f"map {i}" for i in range(60)])
    path = folder / "maps.dscalar.nii"
    data = RNG.normal(size=(60, 64984)).astype(np.float32)
    nibabel.Cifti2Image(data, (maps, sides[0] + sides[1])).to_filename(path)

    def by_nibabel() -> tuple:
        image = nibabel.load(path)
        return image.get_fdata(dtype=np.float32), image.header.get_axis(1)

    row(
        "CIFTI, 60 maps, 16 MB, with its vertices",
        lambda: ic.read_cifti(path),
        by_nibabel,
        data.nbytes,
    )


def tables(folder: Path) -> None:
    """20 000 words with their times."""
    import pandas as pd

    path = folder / "words.csv"
    n = 20_000
    onset = np.arange(n) / 3
    table = pd.DataFrame({"word": RNG.choice(["the", "cat", "sat"], n), "onset": onset})
    table.assign(offset=onset + 0.3).to_csv(path, index=False)
    row("csv, 20 000 words", lambda: ic.read(path), lambda: pd.read_csv(path), 3 * 8 * n)


def features(folder: Path) -> None:
    """1000 files of 1000 units, read and written; 20 of 100 000 units, packed."""
    import h5py
    from scipy.io import loadmat, savemat

    names = [f"i{i:04d}" for i in range(1000)]
    values = RNG.normal(size=(1000, 1000)).astype(np.float32)
    layer = {"fc6": ic.Responses(values, names)}
    root, count = folder / "features", iter(range(10**6))
    ic.write_features(layer, root)
    ic.write_features({"conv1": ic.Responses(RNG.normal(size=(20, 100_000)), names[:20])}, root)
    (folder / "old" / "fc6").mkdir(parents=True)
    for name, one in zip(names, values, strict=True):
        savemat(folder / "old" / "fc6" / f"{name}.mat", {"feat": one[None]})

    def by_h5py(where: Path) -> np.ndarray:
        found = []
        for path in sorted(where.iterdir()):
            with h5py.File(path, "r") as file:
                found.append(file["feat"][()].T)
        return np.concatenate(found)

    def by_scipy(where: Path) -> np.ndarray:
        return np.concatenate([loadmat(path)["feat"] for path in sorted(where.iterdir())])

    def write_by_h5py() -> None:
        where = folder / f"theirs{next(count)}"
        where.mkdir()
        for name, one in zip(names, values, strict=True):
            with h5py.File(where / f"{name}.mat", "w", userblock_size=512) as file:
                file["feat"] = one[:, None]

    read = [
        ("7.3, 1000 files of 1000 units", root, "fc6", by_h5py),
        ("5, 1000 files of 1000 units", folder / "old", "fc6", by_scipy),
        ("7.3, 20 files of 100 000 units, packed", root, "conv1", by_h5py),
    ]
    for name, where, which, peer in read:
        row(
            f"features, {name}",
            lambda where=where, which=which: ic.read_features(where)[which].numpy(),
            lambda where=where, which=which, peer=peer: peer(where / which),
            4 * 10**6 if which == "fc6" else 8 * 10**6,
        )
    row(
        "features, write 1000 files of 1000 units",
        lambda: ic.write_features(layer, folder / f"ours{next(count)}"),
        write_by_h5py,
        values.nbytes,
    )


def start(folder: Path) -> None:
    """Processor seconds of the whole process: help, and what files of each kind hold."""
    ic.save(ic.Responses(np.eye(3)), folder / "saved.npz")
    np.save(folder / "array.npy", np.eye(3))
    (folder / "words.csv").write_text("word,onset,offset\nthe,0,1\ncat,1,2\n")
    ic.write_bdata(ic.BData(np.eye(3), {"ROI_V1": np.ones(3)}, {}, {}), folder / "subject.h5")
    from scipy.io import savemat

    savemat(folder / "five.mat", {"feat": np.eye(3)})
    code = (
        "import sys, time; from isocortex.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\nprint(time.process_time())"
    )
    kinds = [["--help"], *(["info", str(path)] for path in sorted(folder.iterdir()))]
    for arguments in kinds:
        taken = []
        for _ in range(ROUNDS):
            command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            taken.append(float(done.stdout.split()[-1]))
        print(f"isocortex {Path(arguments[-1]).name:20} {median(taken):.2f} s", flush=True)
    first(folder)


def first(folder: Path) -> None:
    """The first call of a process in turn with the imports it rests on, bytecode kept as installed.

    Without bytecode (``PYTHONDONTWRITEBYTECODE``) a hundred modules are compiled anew.
    """
    made = (
        "import numpy as np, isocortex as ic; names = [f's{i}' for i in range(20)]; "
        "a, b = (ic.Responses(np.random.default_rng(i).random((20, 9)), names) for i in (0, 1)); "
    )
    codes = {
        "first rdms": made + "ic.rdms(a)",
        "numpy and pandas alone": "import numpy, pandas",
        "first encode": made + "ic.encode(a, b, ic.Ridge(1.0), folds=4)",
        "numpy, pandas and scikit-learn's base alone": "import numpy, pandas, sklearn.base",
    }
    kept = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder), "PYTHONDONTWRITEBYTECODE": ""}
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(1 + ROUNDS):
        for name, code in codes.items():
            said = f"{code}\nimport time; print(time.process_time())"
            command = [sys.executable, "-W", "ignore", "-c", said]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=kept)
            taken[name].append(float(done.stdout.split()[-1]))
    for name, times in taken.items():
        print(f"{name:44} {median(times[1:]):.2f} s", flush=True)  # the first compiles


PARTS = {each.__name__: each for each in (mat, numpy, images, tables, features, start)}

if __name__ == "__main__":
    say_machine()
    begun = time.perf_counter()
    for part in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory() as place:
            PARTS[part](Path(place))
    print(f"{time.perf_counter() - begun:.0f} s in all")
