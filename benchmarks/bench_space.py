"""Sign flips of 20 people x 100 000 voxels with TFCE, against nilearn and MNE.

``python benchmarks/bench_space.py [n_flips]``. All are asked for a few flips and for some more, in
turn; the difference is the cost of a flip without what is done once, and a thousand flips are
that times a thousand. CPU seconds, one thread.
"""

import statistics
import time
import warnings
from collections.abc import Callable
from unittest import mock

import numpy as np
from common import arguments, sized
from scipy import ndimage, sparse

SHAPE = sized((50, 50, 40), (7, 6, 5))


def people(n: int = 20) -> np.ndarray:
    """Smooth maps, shape (n, voxels)."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(n, *SHAPE))
    return np.stack([ndimage.gaussian_filter(each, 1) for each in noise]).reshape(n, -1)


def face_neighbours() -> sparse.csr_array:
    places = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    pairs = [
        (np.take(places, range(n - 1), axis).ravel(), np.take(places, range(1, n), axis).ravel())
        for axis, n in enumerate(SHAPE)
    ]
    first, second = (np.concatenate(each) for each in zip(*pairs, strict=True))
    upper = sparse.coo_array((np.ones(len(first)), (first, second)), shape=(places.size,) * 2)
    return (upper + upper.T).tocsr()


def ours(x: np.ndarray, near: sparse.csr_array, compiled: bool) -> Callable[[int], object]:
    import isocortex as ic
    from isocortex.numerics.chance import tfce

    units = dict(zip("ijk", np.indices(SHAPE).reshape(3, -1), strict=True))
    scores = ic.Scores(x, {"subject": {"subject": range(len(x))}, "unit": units})
    kernels = tfce.kernels if compiled else lambda: None

    def run(n_flips: int) -> object:
        with mock.patch.object(tfce, "kernels", kernels):
            return ic.clusters(scores, near, "tfce", n_permutations=n_flips)

    return run


def of_nilearn(x: np.ndarray) -> Callable[[int], object]:
    import nibabel as nib
    from nilearn.maskers import NiftiMasker
    from nilearn.mass_univariate import permuted_ols

    masker = NiftiMasker(nib.Nifti1Image(np.ones(SHAPE, np.uint8), np.eye(4))).fit()

    def run(n_flips: int) -> object:
        return permuted_ols(
            np.ones((len(x), 1)), x, model_intercept=False, n_perm=n_flips, two_sided_test=True,
            masker=masker, tfce=True, n_jobs=1, random_state=0, output_type="dict",
        )  # fmt: skip

    return run


def of_mne(x: np.ndarray, near: sparse.csr_array) -> Callable[[int], object]:
    import mne

    def run(n_flips: int) -> object:
        return mne.stats.permutation_cluster_1samp_test(
            x, threshold={"start": 0, "step": 0.2}, n_permutations=n_flips, adjacency=near,
            n_jobs=1, seed=0, out_type="indices", buffer_size=None, verbose=False,
        )  # fmt: skip

    return run


def cpu(job: Callable[[int], object], n: int) -> float:
    start = time.process_time()
    job(n)
    return time.process_time() - start


def main(more: int = 10, runs: int = 3) -> None:
    warnings.simplefilter("ignore")
    x, near = people(), face_neighbours()
    jobs = {
        "isocortex, numba": (ours(x, near, True), 20, 10 * more),
        "isocortex, SciPy": (ours(x, near, False), 20, 3 * more),
        "nilearn 100 steps": (of_nilearn(x), 2, more),
        "MNE steps of 0.2": (of_mne(x, near), 3, more),
    }
    ours(x, near, True)(20)
    costs: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, (job, few, extra) in jobs.items():
            costs[name].append((cpu(job, few + extra) - cpu(job, few)) / extra)
    medians = {name: statistics.median(each) for name, each in costs.items()}
    print(f"TFCE, {len(x)} people x {x.shape[1]} voxels, CPU seconds for 1000 flips (scaled)")
    for name, each in medians.items():
        rest = ", ".join(
            f"{medians[peer] / each:.2f} x {peer.split()[0]}" for peer in list(jobs)[2:]
        )
        print(f"  {name:20s} {1000 * each:7.1f}   {rest}")


if __name__ == "__main__":
    main(*map(int, arguments() or sized((10,), (1, 1))))
