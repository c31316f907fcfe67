"""Decoding RDMs, crossnobis movies and time courses against the ways of today.

``python benchmarks/bench_time.py [small]``; ``small`` leaves out the two minutes of 92 conditions.
Peak memory is that of a child process that does this one thing.
"""

import itertools
import multiprocessing
import resource
import statistics
import sys
import time
import warnings

import numpy as np
from common import sized

N_TIMES = sized(500, 4)


def seconds(function, times=5):
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def made(n_conditions, m, n_units, n_times, seed=0):
    import isocortex as ic

    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n_conditions * m, n_units, n_times))
    return ic.Trials(values, [f"c{i % n_conditions}" for i in range(n_conditions * m)])


def one_by_one(trials, pairs, times):
    """scikit-learn, serially: accuracy of some pairs at some times."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    stimuli, out = np.array(trials.stimuli), []
    for t in times:
        for a, b in pairs:
            x, y = (trials.values[stimuli == c, :, t] for c in (a, b))
            m, right = len(x), 0
            sides = np.repeat([0, 1], m - 1)
            for k in range(m):
                train = np.concatenate([np.delete(x, k, 0), np.delete(y, k, 0)])
                model = LinearDiscriminantAnalysis().fit(train, sides)
                right += (model.predict([x[k], y[k]]) == [0, 1]).sum()
            out.append(right / (2 * m))
    return np.array(out)


def lda_small():
    import isocortex as ic

    trials = made(*sized((20, 20, 17, 20), (6, 5, 4, 2)))
    pairs = list(itertools.combinations(trials.conditions, 2))
    few = pairs[:19]
    theirs, ours = [], []
    ic.decoding_rdms(trials)
    for _ in range(5):  # in turn, so that both see the same machine
        start = time.perf_counter()
        expected = one_by_one(trials, few, [0])
        theirs.append((time.perf_counter() - start) * len(pairs) / len(few) * 20)
        # Theirs are 380 fits in a row, ours one call: warm in both.
        ours.append(seconds(lambda: ic.decoding_rdms(trials)))
    rdms = ic.decoding_rdms(trials)
    assert np.allclose(rdms.values[0][: len(few)], expected)
    a, b = statistics.median(theirs), statistics.median(ours)
    print("leave-one-pair-out LDA, 20 conditions x 20 trials x 17 channels x 20 times")
    print(f"  scikit-learn in series (from 1/200): {a:8.1f} s")
    print(f"  isocortex: {b * 1e3:8.1f} ms   {a / b:.0f} times faster, the same decisions")


def flop_rate():
    """What matrix products reach here, in flop a second."""
    x = np.random.default_rng(0).normal(size=(1500, 1500))
    return 2 * 1500**3 / seconds(lambda: x @ x, 5)


def lda_large(n_units):
    import isocortex as ic

    trials = made(*sized((92, 30), (6, 5)), n_units, sized(100, 2))
    start = time.perf_counter()
    ic.decoding_rdms(trials)
    spent = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    # The least that any exact way multiplies: the scatter's factorization and inverse once for
    # each pair and time, and its product with the 2 m + 1 vectors of that pair.
    pairs = 92 * 91 / 2 * 100
    least = pairs * 2 * (n_units**3 + n_units**2 * 61)
    floor = least / flop_rate()
    kind = "regular" if n_units <= 56 else "singular"
    part = made(*sized((92, 30), (6, 5)), n_units, 1)
    start = time.perf_counter()
    one_by_one(part, [("c0", "c1"), ("c0", "c2")], [0])
    theirs = (time.perf_counter() - start) / 2 * pairs
    print(f"leave-one-pair-out LDA, 92 conditions x 30 trials x {n_units} channels ({kind}) x 100")
    print(f"  isocortex: {spent:6.1f} s, peak memory {peak:.2f} GB; flop floor {floor:.1f} s,")
    print(f"  {spent / floor:.1f} times that; scikit-learn in series {theirs / 3600:.1f} h")
    print(f"  ({theirs / spent:.0f} times longer)")


def crossnobis_movie():
    import rsatoolbox as rt

    import isocortex as ic

    rng = np.random.default_rng(0)
    values = rng.normal(size=(92 * 8, 64, sized(500, 6)))
    names, runs = [f"c{i % 92:02d}" for i in range(736)], np.repeat(np.arange(8), 92)
    trials = ic.Trials(values, names, runs=runs)
    noise = ic.noise_covariance(trials.at(0), "ledoit_wolf")
    precision = np.linalg.inv(noise.covariance[0, 0])
    ic.rdms(trials, "crossnobis", noise=noise)
    ours, theirs = [], []
    for _ in range(3):
        start = time.perf_counter()
        rdms = ic.rdms(trials, "crossnobis", noise=noise)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        for t in range(5):
            data = rt.data.Dataset(
                values[:, :, t], obs_descriptors={"condition": names, "run": list(runs)}
            )
            theirs_rdm = rt.rdm.calc_rdm(
                data, "crossnobis", "condition", noise=precision, cv_descriptor="run"
            )
        theirs.append((time.perf_counter() - start) * 100)
    assert np.allclose(theirs_rdm.dissimilarities[0], rdms.values[4])
    a, b = statistics.median(theirs), statistics.median(ours)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print("crossnobis movie, 92 conditions x 8 runs x 64 channels x 500 times")
    print(f"  rsatoolbox (from 5 times): {a:6.1f} s")
    print(f"  isocortex: {b:6.2f} s   {a / b:.0f} times faster; peak memory {peak:.2f} GB")


def comparing():
    from scipy.stats import spearmanr

    import isocortex as ic

    rng = np.random.default_rng(0)
    names = [f"s{i}" for i in range(92)]
    times = ic.RDMs(
        rng.random((15 * N_TIMES, 4186)), names, {"time": np.tile(np.arange(N_TIMES), 15)}
    )
    layers = ic.RDMs(rng.random((20, 4186)), names, {"layer": [f"l{i}" for i in range(20)]})
    ours, theirs = [], []
    for _ in range(3):
        start = time.perf_counter()
        scores = ic.compare(times, layers, "spearman")
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        expected = [[spearmanr(t, m)[0] for m in layers.values] for t in times.values[:15]]
        theirs.append((time.perf_counter() - start) * 500)
    assert np.allclose(scores.values[:15], expected)
    a, b = statistics.median(theirs), statistics.median(ours)
    print("500 times x 15 subjects with 20 layers, 4186 pairs, Spearman")
    print(f"  scipy (from 1/500): {a:6.1f} s; isocortex: {b:6.2f} s   {a / b:.0f} times faster")


def main():
    warnings.filterwarnings("ignore")
    jobs = [(lda_small, ()), (crossnobis_movie, ()), (comparing, ())]
    if "small" not in sys.argv:
        jobs += [(lda_large, (40,)), (lda_large, (64,))]
    context = multiprocessing.get_context("spawn")
    for function, arguments in jobs:
        child = context.Process(target=function, args=arguments)
        child.start()
        child.join()


if __name__ == "__main__":
    main()
