"""Encoding, decoding and their nulls against the plain way, paired in one run.

    python benchmarks/bench_mapping.py            # all
    python benchmarks/bench_mapping.py a c f      # some

a  PCA(50) + OLS: 1000 stimuli x 40 000 units, 500 voxels, 10 folds; scikit-learn's pipeline
b  PLS(25): 1000 x 25 000, 200 targets, 5 folds; PLSRegression
c  ridge, 20 penalties per target: n = 1000, 5000 targets, 5 folds; himalaya
d  univariate: 5000 units x 200 targets x 10 folds; a loop of cross_val_score
e  five AlexNet layers on disk, 4916 stimuli, 1000 voxels, PCA(100) + OLS, 10 folds
f  1000 permutations against one fit
"""

import json
import sys
import tempfile
from statistics import median

import numpy as np
from common import arguments, in_a_child, peak_megabytes, seconds, sized

import isocortex as ic

N, N_AXES = sized((1000, 50), (60, 6))


def paired(ours, theirs, repeats):
    """Medians of A, B, A, B ... with one warm-up of ours."""
    ours()
    times = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    return median(a for a, _ in times), median(b for _, b in times)


def made(n, p, n_targets, rank=60, seed=0):
    """Layers have a decaying spectrum; voxels follow its first directions, with noise."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, rank)) / np.sqrt(1 + np.arange(rank))
    x = latent @ rng.normal(size=(rank, p)) + 0.5 * rng.normal(size=(n, p))
    y = latent @ rng.normal(size=(rank, n_targets)) + rng.normal(size=(n, n_targets))
    return x, y


def bench_a():
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import KFold
    from sklearn.pipeline import make_pipeline

    x, y = made(N, sized(40_000, 100), sized(500, 5))
    features, recording = ic.Responses(x), ic.Responses(y)
    model = make_pipeline(PCA(N_AXES, svd_solver="full"), LinearRegression())

    def plain():
        for train, test in KFold(10).split(x):
            predicted = model.fit(x[train], y[train]).predict(x[test])
            [np.corrcoef(a, b)[0, 1] for a, b in zip(predicted.T, y[test].T, strict=True)]

    def ours():
        ic.encode(features, recording, ic.PCR(N_AXES))

    a, b = paired(ours, plain, 1)
    default = make_pipeline(PCA(N_AXES, random_state=0), LinearRegression())

    def sketched():
        for train, test in KFold(10).split(x):
            default.fit(x[train], y[train]).predict(x[test])

    gram = ic.gram(features)
    alone = median(seconds(lambda: ic.encode(gram, recording, ic.PCR(N_AXES))) for _ in range(3))
    report("a", a, b, 25, f"from the Gram {alone:.2f} s; "
           f"scikit-learn's randomized PCA (inexact) {seconds(sketched):.1f} s")  # fmt: skip


def bench_b():
    from sklearn.cross_decomposition import PLSRegression
    from sklearn.model_selection import KFold

    x, y = made(N, sized(25_000, 100), sized(200, 40))
    features, recording = ic.Responses(x), ic.Responses(y)
    folds = list(KFold(5).split(x))

    def one_fold():
        train, test = folds[0]
        PLSRegression(N_AXES // 2, scale=False).fit(x[train], y[train]).predict(x[test])

    a, b = paired(lambda: ic.encode(features, recording, ic.PLS(N_AXES // 2), folds=5), one_fold, 1)
    report("b", a, 5 * b, 50, "PLSRegression at its default tolerance, one of 5 folds times 5")


def bench_c():
    from himalaya.kernel_ridge import KernelRidgeCV
    from sklearn.model_selection import KFold

    x, y = made(N, sized(4000, 100), sized(5000, 40))
    alphas = np.logspace(1, 20, 20)  # as in himalaya's tutorials
    gram = ic.gram(ic.Responses(x))
    recording = ic.Responses(y)
    kernel = np.asarray(gram.matrix)
    mean = kernel.mean(0)
    kernel = kernel - mean - mean[:, None] + mean.mean()

    def theirs():
        for train, test in KFold(5).split(x):
            model = KernelRidgeCV(
                alphas=alphas, cv=KFold(5), kernel="precomputed", warn=False,
                solver_params={"local_alpha": True, "n_targets_batch": 5000},
            )  # fmt: skip
            model.fit(kernel[np.ix_(train, train)], y[train] - y[train].mean(0))
            model.predict(kernel[np.ix_(test, train)])

    def ours():
        ic.encode(gram, recording, ic.Ridge(alphas, inner=5), folds=5)

    a, b = paired(ours, theirs, 2)
    closed = seconds(lambda: ic.encode(gram, recording, ic.Ridge(alphas, inner="gcv"), folds=5))
    report("c", a, b, 2, f"5 outer x 5 inner folds; with inner='gcv' {closed:.2f} s")


def bench_d():
    from sklearn.linear_model import LinearRegression
    from sklearn.model_selection import KFold, cross_val_score

    x, y = made(N, sized(5000, 40), sized(200, 5))
    features, recording = ic.Responses(x), ic.Responses(y)
    part = sized(40, 2)

    def loop():
        for j in range(part):
            cross_val_score(LinearRegression(), x[:, [j]], y[:, 0], cv=KFold(10), scoring="r2")

    a, b = paired(lambda: ic.encode(features, recording, ic.Univariate()), loop, 3)
    report("d", a, b * 5000 * 200 / part, 10_000, f"loop measured on {part} pairs and scaled")


def bench_e():
    with tempfile.TemporaryDirectory() as folder:
        extracted = in_a_child(__file__, "extraction", folder)
        found = in_a_child(__file__, "encoding", folder)
    print(f"e  five AlexNet layers, 4916 made images, on disk, 1000 voxels, PCR(100), 10 folds: "
          f"Grams {found['grams']:.0f} s, encoding {found['encode']:.0f} s "
          f"(of it conv1 {found['conv1_relu']:.0f} s), peak {found['peak_gb']:.2f} GB (limit 4); "
          f"extraction before it {extracted['extract']:.0f} s, "
          f"peak {extracted['peak_gb']:.2f} GB")  # fmt: skip


def extraction(folder):
    network = ic.load_network("alexnet", weights=ic.datasets.local_weights("alexnet_features"))
    stimuli = ic.Stimuli.from_arrays(textures(sized(4916, 60), 64))
    layers = [f"conv{i}_relu" for i in range(1, 6)]
    took = seconds(lambda: ic.extract(network, stimuli, layers, into=f"{folder}/alexnet.zarr"))
    return {"extract": took, "peak_gb": peak_megabytes() / 1024}


def encoding(folder):
    store = ic.Store(f"{folder}/alexnet.zarr")
    rng = np.random.default_rng(0)
    recording = ic.Responses(rng.normal(size=(sized(4916, 60), sized(1000, 5))), store.stimuli)
    grams = seconds(lambda: [ic.gram(layer) for layer in store.values()])
    one = seconds(lambda: ic.encode(store["conv1_relu"], recording, ic.PCR(sized(100, 5))))
    encode = seconds(lambda: ic.encode(store, recording, ic.PCR(sized(100, 5))))
    peak = peak_megabytes() / 1024
    return {"grams": grams, "encode": encode, "conv1_relu": one, "peak_gb": peak}


def textures(n, size, seed=0):
    """Coloured images with the spectrum of natural ones, each with a slope of its own."""
    rng = np.random.default_rng(seed)
    distance = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.rfftfreq(size), indexing="ij"))
    distance[0, 0] = 1
    images = np.empty((n, size, size, 3), np.uint8)
    for image in images:
        colours = np.eye(3) + 0.7 * rng.normal(size=(3, 3))
        wave = rng.normal(size=(3, *distance.shape)) + 1j * rng.normal(size=(3, *distance.shape))
        planes = np.fft.irfft2(wave * distance ** -rng.uniform(0.5, 2), s=(size, size))
        mixed = np.moveaxis(planes / planes.std(), 0, -1) @ colours
        image[:] = np.clip(128 + rng.uniform(20, 60) * mixed + 30 * rng.normal(size=3), 0, 255)
    return images


def bench_f():
    x, y = made(N, sized(40_000, 100), sized(500, 5))
    features, recording = ic.Responses(x), ic.Responses(y)
    for source, told in ((features, "features"), (ic.gram(features), "Gram")):
        for model in (ic.PCR(N_AXES), ic.Ridge(1e4)):

            def once(permutations, source=source, model=model):
                ic.encode(source, recording, model, permutations=permutations)

            one, many = (
                median(seconds(lambda: once(0)) for _ in range(3)),
                seconds(lambda: once(sized(1000, 20))),
            )
            print(f"f  1000 permutations from the {told}, {model}: one fit {one:.2f} s, with its "
                  f"null {many:.1f} s: {(many - one) / one:.1f} fits more (limit 20)")  # fmt: skip


def report(name, ours, theirs, wanted, note):
    told = (__doc__ or "").split(f"\n{name}  ")[1].split("\n")[0]
    ratio = theirs / ours
    print(f"{name}  {told}\n   ours {ours:.3f} s, theirs {theirs:.1f} s: "
          f"{ratio:.{int(ratio < 10)}f} times (wanted {wanted}); {note}")  # fmt: skip


CHILDREN = {"extraction": extraction, "encoding": encoding}
BENCHMARKS = {"a": bench_a, "b": bench_b, "c": bench_c, "d": bench_d, "e": bench_e, "f": bench_f}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(CHILDREN[sys.argv[2]](*arguments()[2:])))
    else:
        for chosen in arguments() or BENCHMARKS:
            BENCHMARKS[chosen]()
