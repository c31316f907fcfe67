"""The Brain Hierarchy pipeline against FastL2LiR's plain loop, brute force, and bdpy's reader.

Run: ``python benchmarks/bench_hierarchy.py [decoding] [encoding] [subsets] [files] [pipeline]``.
FastL2LiR is restated below step by step, because 0.11 needs numpy < 2.4 and bdpy likewise; where
``BDPY_PYTHON`` names a Python that has them, the packages themselves are timed as well.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from common import arguments, sized
from threadpoolctl import threadpool_limits

ALPHA, K = 100.0, sized(500, 5)
N, N_UNITS, N_VOXELS = sized((1200, 40_000, 1000), (60, 400, 120))


def fastl2lir(x, y, k, alpha=ALPHA):
    """The definition: correlations, one Gram matrix, then one general solve for each target."""
    n, n_units = x.shape
    weights, bias = np.zeros((y.shape[1], n_units), x.dtype), np.zeros(y.shape[1], x.dtype)
    zx, zy = (each - each.mean(0) for each in (x, y))
    r = (zx.T @ zy) / np.outer(np.linalg.norm(zx, axis=0), np.linalg.norm(zy, axis=0))
    r[x.var(0) < 1e-8] = 0
    xb = np.hstack([x, np.ones((n, 1), x.dtype)])
    gram = (
        xb.T @ xb.copy()
    )  # A general product: the symmetric one of 40 000 units crashes OpenBLAS.
    gram.reshape(-1)[:: n_units + 2] += alpha
    right = y.T @ xb
    with threadpool_limits(1):
        for t in range(y.shape[1]):
            chosen = np.append(np.argsort(np.abs(r[:, t]))[::-1][:k], n_units)
            places = (chosen + (chosen * (n_units + 1)).reshape(-1, 1)).ravel()
            system = gram.ravel()[places].reshape(chosen.size, chosen.size)
            w = np.linalg.solve(system, right[t][chosen].reshape(-1, 1))
            for i in range(k):
                weights[t, chosen[i]] = w[i, 0]
            bias[t] = w[-1, 0]
    return weights, bias


def ours(x, y, k):
    from isocortex.mapping.models.selective import SelectiveRidge

    model = SelectiveRidge(k, ALPHA).fit(x, y)
    return model.coef_.toarray(), model.intercept_


def timed(work):
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


def paired(a, b, rounds):
    """A, B, A, B …: the medians, and what each gave last."""
    first, second = [], []
    for _ in range(rounds):
        seconds, found_a = timed(a)
        first.append(seconds)
        seconds, found_b = timed(b)
        second.append(seconds)
    return median(first), median(second), found_a, found_b


def decoding():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, sized(2000, 70)))
    signal = x[:, :60] @ rng.normal(size=(60, sized(1000, 12)))
    y = signal + signal.std() * rng.normal(size=(N, sized(1000, 12)))
    for n_voxels in sized((2000, 999, 800, 620), (70, 50)):
        part = np.ascontiguousarray(x[:, :n_voxels])
        mine, theirs, (w, _), (v, _) = paired(
            lambda part=part: ours(part, y, K), lambda part=part: fastl2lir(part, y, K), 3
        )
        print(
            f"decoding 1000 units from {n_voxels} voxels, 1200 samples, {K} selected: "
            f"{mine:.2f} s, plain loop {theirs:.2f} s, {theirs / mine:.1f} times; "
            f"largest difference {np.abs(w - v).max():.1e}"
        )
        if n_voxels == x.shape[1]:
            with_package("fastl2lir", part, y, mine)


def with_package(name, x, y, mine):
    python = os.environ.get("BDPY_PYTHON")
    if not python:
        return
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/data.npz", x=x, y=y[:, :200])
        code = (
            "import time,sys,numpy as np; from fastl2lir import FastL2LiR;"
            "d=np.load(sys.argv[1]); x,y=d['x'],d['y'];"
            "f=lambda n:(time.perf_counter(),FastL2LiR().fit(x,y[:,:n],alpha=100,n_feat=500),"
            "time.perf_counter());"
            "a=f(20);b=f(200);p,q=a[2]-a[0],b[2]-b[0];print(q+(q-p)/180*800)"
        )
        out = subprocess.run(
            [python, "-c", code, f"{folder}/data.npz"], capture_output=True, text=True, check=True
        )
    seconds = float(out.stdout.split()[-1])
    print(
        f"  {name} 0.11 itself (200 targets, scaled to 1000): {seconds:.2f} s, "
        f"{seconds / mine:.1f} times"
    )


def layer(rng, n_units=N_UNITS, n_voxels=N_VOXELS, n=N):
    """Units that share latent patterns in space, as a convolution's do; voxels that pool them."""
    latent = rng.normal(size=(n, 400)).astype("f4")
    x = np.repeat(latent, n_units // 400, axis=1)
    x += rng.normal(size=x.shape).astype("f4")
    chosen = rng.integers(0, 400, (n_voxels, 8))
    y = latent[:, chosen].sum(2) + 3 * rng.normal(size=(n, n_voxels))
    return x, y.astype("f4")


def encoding_ours(kind):
    x, y = layer(np.random.default_rng(0)) if kind == "pooled" else independent()
    from isocortex.mapping.models.selective import SelectiveRidge

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    seconds, _ = timed(lambda: SelectiveRidge(K, ALPHA).fit(x, y))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(seconds, before, peak)


def independent():
    rng = np.random.default_rng(0)
    return (
        rng.normal(size=(N, N_UNITS)).astype("f4"),
        rng.normal(size=(N, sized(1000, 12))).astype("f4"),
    )


def encoding_theirs(kind):
    """In float32, as the original encodes: its Gram matrix alone takes 6.4 GB."""
    x, y = layer(np.random.default_rng(0)) if kind == "pooled" else independent()
    n_targets = 100
    whole, _ = timed(lambda: fastl2lir(x, y[:, :n_targets], K))
    none, _ = timed(lambda: fastl2lir(x, y[:, :2], K))
    # What grows with targets is scaled up; the Gram matrix is counted once.
    print(none + (whole - none) / (n_targets - 2) * 998)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def child(*sides):
    out = subprocess.run(
        [sys.executable, __file__, *sides, *sized([], ["--tiny"])],
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(each) for each in out.stdout.split()]


def encoding():
    for kind in ("pooled", "independent"):
        mine, peaks = [], []
        for _ in range(3):
            seconds, _, peak = child("encoding_ours", kind)
            mine.append(seconds)
            peaks.append(peak)
        theirs, memory = child("encoding_theirs", kind)
        print(
            f"encoding 1000 voxels from 40 000 {kind} units, 1200 samples: {median(mine):.2f} s, "
            f"peak {max(peaks):.2f} GB with the data; plain loop in float32 (100 voxels, "
            f"scaled to 1000) {theirs:.1f} s, {memory:.1f} GB: {theirs / median(mine):.1f} times"
        )


def subsets():
    from isocortex.numerics.measures.hierarchy import n_subsets, subset_mean

    table = np.random.default_rng(0).integers(0, 600, (99, 5))
    seconds = median(timed(lambda: subset_mean(table, 5))[0] for _ in range(5))
    print(f"exact mean over {n_subsets(99, 5)} choices of 5 of 99 layers: {seconds:.2f} s")


def files():
    from isocortex.formats.mat.features import read_features
    from isocortex.formats.mat.files import write_array

    rng = np.random.default_rng(0)
    python = os.environ.get("BDPY_PYTHON")
    for version in ("7.3", "5"):
        with tempfile.TemporaryDirectory() as folder:
            for i in range(sized(1000, 5)):
                row = rng.normal(size=(1, 1000)).astype("f4")
                path = Path(folder, "conv1", f"i{i:04d}.mat")
                if version == "7.3":
                    write_array(path, row, "feat")
                else:
                    import scipy.io

                    path.parent.mkdir(exist_ok=True)
                    scipy.io.savemat(path, {"feat": row})
            mine = median(
                timed(lambda f=folder: read_features(f)["conv1"].numpy())[0] for _ in range(5)
            )
            print(f"reading 1000 files of MATLAB {version}: {mine:.3f} s", end="")
            if not python:
                print("; set BDPY_PYTHON to compare with bdpy.Features")
                continue
            code = (
                "import sys,time; from bdpy.dataform import Features\n"
                "if __name__=='__main__':\n"
                " f=Features(sys.argv[1]); s=time.perf_counter(); f.get('conv1');"
                " print(time.perf_counter()-s)\n"
            )
            Path(folder, "read.py").write_text(code)
            times = []
            for _ in range(3):
                out = subprocess.run(
                    [python, f"{folder}/read.py", folder],
                    capture_output=True,
                    text=True,
                    check=True,
                )
                times.append(float(out.stdout.split()[-1]))
            theirs = median(times)
            print(f", bdpy.Features {theirs:.2f} s: {theirs / mine:.1f} times")


def pipeline():
    """All jobs of one layer, at two sizes of it, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for verb, sizes in {"decode": (3000, 6000), "encode": (40_000, 80_000)}.items():
            for n_units in sizes:
                data = Path(folder, f"{verb}{n_units}")
                write_study(data, n_units)
                seconds, parsed, n_files, read, peak, before = child("all_jobs", verb, str(data))
                print(
                    f"bh {verb}, 4 jobs, 1250 files of {n_units} units "
                    f"({5e-6 * n_units:.2f} GB): {seconds:.1f} s of processor time, "
                    f"{parsed:.0f} readings of {n_files:.0f} files, {read:.2f} GB read, scratch "
                    f"files included, {before:.0f} MB before, peak {peak:.0f} MB",
                    flush=True,
                )
                shutil.rmtree(data)


def write_study(data, n_units):
    """Two subjects with two regions of 200 voxels who saw 1200 and 50 images; one layer."""
    from scipy.io import savemat

    import isocortex as ic

    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(40, n_units)).astype("f4")
    to_voxels = rng.normal(size=(40, 400))
    for kind, n in (("Training", 1200), ("Test", 50)):
        latent = rng.normal(size=(n, 40)).astype("f4")
        layer = data / "features" / f"ImageNet{kind}" / "made" / "one" / "conv1"
        layer.mkdir(parents=True)
        for i, row in enumerate(latent):
            noise = rng.normal(size=n_units).astype("f4")
            savemat(layer / f"{kind[0]}{i}.mat", {"feat": (row @ mixing + noise)[None]})
        metadata = {"stimulus_name": np.full(401, np.nan)}
        metadata["stimulus_name"][400] = 1
        for i, region in enumerate(("V1", "V2")):
            metadata[f"ROI_{region}"] = np.zeros(401)
            metadata[f"ROI_{region}"][200 * i : 200 * i + 200] = 1
        names = {"stimulus_name": {i + 1.0: f"{kind[0]}{i}" for i in range(n)}}
        for subject in ("sub-01", "sub-02"):
            voxels = latent @ to_voxels + 8 * rng.normal(size=(n, 400))
            dataset = np.column_stack([voxels, np.arange(n) + 1.0])
            path = data / "fmri" / f"{subject}_{kind}.h5"
            ic.write_bdata(ic.BData(dataset, metadata, {}, names), path)


def all_jobs(verb, data):
    """Seconds, how many files were read how often, bytes read, memory at most and before."""
    from isocortex.bh.settings import Folders, NetworkSettings, Settings
    from isocortex.formats.mat import features
    from isocortex.jobs import bh
    from isocortex.jobs.local import run_here

    network = NetworkSettings("One", "made/one", ("conv1",), "one")
    rois = {"V1": "ROI_V1 = 1", "V2": "ROI_V2 = 1"}
    settings = Settings(("sub-01", "sub-02"), rois, (network,), n_features=100)
    parsed, once = [], features.FileLayer._row

    def counted(self, i):
        parsed.append(self.files[i])
        return once(self, i)

    features.FileLayer._row = counted
    jobs = {"decode": bh.decoding_jobs, "encode": bh.encoding_jobs}[verb]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started, read = time.process_time(), bytes_read()
    summary = run_here(jobs(Folders(Path(data)), settings))
    seconds = time.process_time() - started
    if summary.failed:
        raise RuntimeError(str(summary))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(seconds, len(parsed), len(set(parsed)), (bytes_read() - read) / 1e9, peak, before)


def bytes_read():
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])


TOPICS = {each.__name__: each for each in (decoding, encoding, subsets, files, pipeline)}

if __name__ == "__main__":
    wanted = arguments() or list(TOPICS)
    if wanted[0] in ("encoding_ours", "encoding_theirs", "all_jobs"):
        globals()[wanted[0]](*wanted[1:])
    else:
        for topic in wanted:
            TOPICS[topic]()
