"""What is known is put in, and what comes out is tabled: the numbers of docs/ceilings.md.

``python benchmarks/simulate_ceilings.py [part]``, with the part ``reliability``, ``perfect``,
``low`` or ``distances``; all of them take some three minutes.
"""

import sys

import numpy as np

import isocortex as ic

N_STIMULI, N_UNITS = 200, 2000
DESIGNS = {
    "2": [2] * N_STIMULI,
    "3": [3] * N_STIMULI,
    "4": [4] * N_STIMULI,
    "5": [5] * N_STIMULI,
    "7": [7] * N_STIMULI,
    "2 to 18": np.random.default_rng(5).integers(2, 19, N_STIMULI),
}
RELIABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)


def recording(counts, reliability, rng, n_units=N_UNITS):
    """Signal by name, and trials whose averages have this reliability."""
    counts, reliability = np.asarray(counts), np.maximum(reliability, 1e-12)
    signal = np.sqrt(reliability) * rng.standard_normal((len(counts), n_units))
    noise = np.sqrt((1 - reliability) / (1 / counts).mean())
    shown = np.repeat(np.arange(len(counts)), counts)
    values = signal[shown] + noise * rng.standard_normal((len(shown), n_units))
    names = [f"image {i}" for i in range(len(counts))]
    return ic.Responses(signal, names), ic.Trials(values, [names[i] for i in shown])


def perfect(signal, trials, metric="pearson"):
    """Scores of the signal itself with the averages, axis (unit)."""
    measured = ic.align(signal, ic.average(trials))[1].numpy()
    predicted = signal.numpy()
    if metric == "pearson":
        score = [np.corrcoef(a, b)[0, 1] for a, b in zip(measured.T, predicted.T, strict=True)]
    else:
        centred = measured - measured.mean(0)
        left = measured - predicted
        score = 1 - ((left - left.mean(0)) ** 2).sum(0) / (centred**2).sum(0)
    return ic.Scores(score, {"unit": ic.noise_ceiling(trials, "ncsnr").tables["unit"]}, metric)


def reliability(rng):
    print("mean estimate of the reliability; split half / ncsnr")
    print("repeats".ljust(9), *(f"{each:>12}" for each in RELIABILITIES))
    for name, counts in DESIGNS.items():
        cells = []
        for known in RELIABILITIES:
            _, trials = recording(counts, known, rng)
            found = [ic.noise_ceiling(trials, method) for method in ("split_half", "ncsnr")]
            cells.append(" / ".join(f"{each.values.mean():.3f}" for each in found))
        print(name.ljust(9), *(f"{cell:>12}" for cell in cells))


def perfect_model(rng):
    print("mean over units of a perfect model, normalized: pearson / explained variance")
    print("repeats".ljust(9), *(f"{each:>12}" for each in RELIABILITIES))
    for name, counts in DESIGNS.items():
        cells = []
        for known in RELIABILITIES:
            signal, trials = recording(counts, known, rng)
            ceiling = ic.noise_ceiling(trials)
            both = [
                ic.normalize(perfect(signal, trials, metric), ceiling).mean("unit").values
                for metric in ("pearson", "explained_variance")
            ]
            cells.append(" / ".join(f"{float(each):.3f}" for each in both))
        print(name.ljust(9), *(f"{cell:>12}" for cell in cells))


def low(rng):
    print(
        "three repeats: mean ceiling with units below zero as 0, dropped; truth; share below zero"
    )
    for known in (0.0, 0.05, 0.1, 0.2, 0.3, 0.5):
        _, trials = recording(DESIGNS["3"], known, rng, 2000)
        found = ic.noise_ceiling(trials)
        ceiling = found.columns["ceiling"]
        below = found.notes["below_zero"] / 2000
        dropped = ceiling[ceiling > 0].mean()
        print(f"{known:5} {ceiling.mean():.3f} {dropped:.3f} {known**0.5:.3f} {below:.2f}")
    mixed = np.repeat([0.5, 0.0], [500, 1500])
    signal, trials = recording(DESIGNS["3"], mixed, rng, 2000)
    ceiling = ic.noise_ceiling(trials)
    for metric in ("pearson", "explained_variance"):
        share = ic.normalize(perfect(signal, trials, metric), ceiling).mean("unit").values
        print(f"a quarter of the units at .5, the others at 0; perfect, {metric}: {share:.3f}")


def distances(rng):
    print("crossnobis of pure noise: none / ledoit-wolf / diagonal, mean and standard error")
    for n_conditions, n_runs, n_units, m, n in (
        (5, 8, 100, 1, 300),
        (4, 4, 12, 1, 600),
        (8, 10, 50, 1, 150),
        (8, 10, 50, 3, 100),
    ):
        names = [f"c{i}" for i in range(n_conditions)] * (n_runs * m)
        runs = np.repeat(np.arange(n_runs), n_conditions * m)
        cells = []
        for noise in (None, "ledoit_wolf", "diagonal"):
            means = []
            for _ in range(n):
                values = rng.standard_normal((len(names), n_units))
                trials = ic.Trials(values, names, runs=runs)
                means.append(ic.rdms(trials, "crossnobis", noise=noise).values.mean())
            cells.append(f"{np.mean(means):.4f} +- {np.std(means) / n**0.5:.4f}")
        print(f"{n_conditions} x {n_runs}, {n_units} units, {m}:".ljust(24), " / ".join(cells))


PARTS = {"reliability": reliability, "perfect": perfect_model, "low": low, "distances": distances}


def main():
    for name in sys.argv[1:] or PARTS:
        PARTS[name](np.random.default_rng(0))
        print()


if __name__ == "__main__":
    main()
