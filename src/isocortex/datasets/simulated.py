"""Small stand-ins of data sets that are not there: the same form, and an answer that is known."""

from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.rdms import RDMs
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.formats.volumes import read_volumes
from isocortex.makers.scenes import shapes

SAID = {"data": "simulated"}
"""The label of trials and responses that nobody recorded; those of real ones lack it."""

OBJECTS = ("bottle", "cat", "chair", "face", "house", "scissors", "scrambledpix", "shoe")
KINDS = ("circle", "square", "star", "bar")
N_PEOPLE = 12
N_STATES = 7


def objects() -> tuple[Stimuli, RDMs, RDMs, RDMs]:
    """Shapes; EVC follows their coarse pixels, IT and behaviour their kind (a little of both)."""
    rng = np.random.default_rng(0)
    kinds = np.tile(KINDS, 8)
    # Shapes lie anywhere, so that what pixels share is not the kind.
    rotations, rows, columns = rng.uniform([[0], [0.25], [0.25]], [[90], [0.75], [0.75]], (3, 32))
    scales = np.where(np.isin(kinds, ("circle", "square")), 0.18, 0.24)
    where = {"rotations": rotations, "rows": rows, "columns": columns, "scales": scales}
    made = shapes(list(kinds), background="texture", seed=0, **where)
    flags = {"human": 1, "face": 1, "animal": 2, "natural": 3}
    table = {flag: np.isin(kinds, KINDS[:n]) for flag, n in flags.items()}
    # A shape's category is its kind: the columns are those of the real table.
    stimuli = Stimuli(made.names, made.sources, table=pd.DataFrame({"category": kinds, **table}))

    pixels = np.stack([np.asarray(made.read(i), float) for i in range(len(made))])
    pixels = pixels.reshape(len(made), 64, 64, -1).mean(-1)
    coarse = _scaled(pixels.reshape(-1, 8, 8, 8, 8).mean((2, 4)))
    coarser = _scaled(pixels.reshape(-1, 4, 16, 4, 16).mean((2, 4)))
    kind = _scaled(np.eye(4)[np.arange(len(kinds)) % 4])
    alive = _scaled(table["animal"][:, None].astype(float))
    truths = {"EVC": coarse, "IT": np.hstack([kind, 0.7 * alive, 0.3 * coarse])}

    def people(region: str, truth: np.ndarray) -> RDMs:
        noisy = [_square(truth, rng, 2.0) for _ in range(N_PEOPLE)]
        labels = {"region": region, "subject": list(range(1, N_PEOPLE + 1))}
        return RDMs.from_arrays(noisy, made.names, labels, "correlation")

    brain = RDMs.concat([people(*each) for each in truths.items()])
    models = {
        "animacy": (alive, 0.0),
        "FaceBodyManmadeNatobj": (kind, 0.0),
        "monkeyIT": (truths["IT"], 0.5),
        "EVA": (coarser, 0.5),
        "HMAX": (np.hstack([coarse, kind]), 0.5),
        "V1": (coarse, 0.5),
        "Silhouette": (coarser, 0.2),
        "RADON": (coarse, 1.0),
    }
    squares = [_distances(each, rng, noise) for each, noise in models.values()]
    proposed = RDMs.from_arrays(squares, made.names, {"model": list(models)})
    return stimuli, brain, people("behaviour", np.hstack([kind, alive])), proposed


def _scaled(values: np.ndarray) -> np.ndarray:
    """Of mean 0 for each feature, and of variance 1 over all of them."""
    flat = values.reshape(len(values), -1)
    flat = flat - flat.mean(0)
    return flat / np.sqrt((flat**2).sum(1).mean())


def _square(truth: np.ndarray, rng: np.random.Generator, noise: float) -> np.ndarray:
    """One minus the correlation of patterns of 100 voxels that mix the features."""
    patterns = truth @ rng.normal(size=(truth.shape[1], 100))
    return 1 - np.asarray(np.corrcoef(patterns + noise * rng.normal(size=patterns.shape)))


def _distances(truth: np.ndarray, rng: np.random.Generator, noise: float) -> np.ndarray:
    seen = truth + noise * rng.normal(size=truth.shape) / np.sqrt(truth.shape[1])
    return ((seen[:, None] - seen[None]) ** 2).sum(-1)


def digits() -> tuple[Stimuli, Responses]:
    """A blob below or above the middle, and 400 voxels that mix all pixels, with noise."""
    rng = np.random.default_rng(0)
    labels = np.repeat(["six", "nine"], 50)
    rows = np.where(labels == "six", 19, 9) + rng.normal(size=100)
    grid = np.arange(28)
    images = np.exp(-((grid[None, :, None] - rows[:, None, None]) ** 2) / 20)
    images = images * np.exp(-((grid[None, None, :] - 14) ** 2) / 20)
    values = images.reshape(100, -1) @ rng.normal(size=(784, 400))
    values = values / values.std() + 2 * rng.normal(size=values.shape)
    names = [f"{label} {i}" for i, label in enumerate(labels)]
    stimuli = Stimuli.from_arrays(images, names, pd.DataFrame({"digit": labels}))
    return stimuli, Responses(values, names, labels={"region": "V1-V3", **SAID})


def volumes() -> Trials:
    """A slice of 24 x 16 voxels in twelve runs; categories differ in the middle, cats are like
    faces."""
    import nibabel as nib

    rng = np.random.default_rng(0)
    order = [rng.permutation(OBJECTS) for _ in range(12)]
    shown = [name for run in order for what in run for name in ["rest"] * 2 + [str(what)] * 4]
    patterns = {name: rng.normal(size=(24, 16, 1)) for name in OBJECTS}
    patterns["cat"] = 0.6 * patterns["cat"] + 0.8 * patterns["face"]
    values = rng.normal(scale=2, size=(24, 16, 1, len(shown)))
    for at, name in enumerate(shown):
        if name != "rest":
            values[6:14, 4:11, :, at] += patterns[name][6:14, 4:11]
    image = nib.Nifti1Image(values + 1000, np.diag([-3.5, 3.5, 3.5, 1]))
    mask = np.ones((24, 16, 1), dtype=np.int16)
    runs = np.repeat(np.arange(1, 13), 48)
    return read_volumes(image, mask, stimuli=shown, runs=runs, labels={"subject": 1, **SAID})


def fingers(names: tuple[str, ...]) -> tuple[tuple[Trials, ...], RDMs]:
    """Patterns of seven people whose distances are those of natural statistics."""
    rng = np.random.default_rng(0)
    points = {
        "muscle": rng.normal(size=(5, 4)),
        "natural statistics": np.c_[[3.0, 0.5, 0, -0.2, -0.5], [0, 1.0, 0.3, -0.4, -1]],
        "somatotopy": np.arange(5.0)[:, None],
    }
    squares = [((x[:, None] - x[None]) ** 2).sum(-1) for x in points.values()]
    pattern = points["natural statistics"] @ rng.normal(size=(2, 300))
    trials = tuple(
        Trials(
            np.tile(pattern, (8, 1)) + 4 * rng.normal(size=(40, 300)),
            names * 8,
            runs=np.repeat(np.arange(1, 9), 5),
            labels={"subject": subject, **SAID},
        )
        for subject in range(1, 8)
    )
    return trials, RDMs.from_arrays(squares, names, {"model": list(points)})


def neurons(times: np.ndarray) -> Trials:
    """Sixty neurons that know the place from 0.05 s on, and the object from 0.15 s on."""
    rng = np.random.default_rng(0)
    kinds = [f"{o}/{p}" for o in ("car", "face", "hand") for p in ("lower", "middle", "upper")]
    what = np.repeat(rng.normal(size=(3, 60)), 3, 0)[:, :, None] * (times > 0.15)
    where = np.tile(rng.normal(size=(3, 60)), (3, 1))[:, :, None] * (times > 0.05)
    values = np.tile(0.7 * what + 0.5 * where, (19, 1, 1))
    values = values + rng.normal(size=values.shape)
    units: dict[str, Any] = {"site": np.arange(60)}
    return Trials(values, kinds * 19, times, units=units, labels=SAID)


def eeg() -> tuple[Trials, ...]:
    """A wave at 0.17 s that faces alone have, in noise that drifts."""
    rng = np.random.default_rng(0)
    times = np.arange(-0.1, 0.8, 1 / 128)
    wave = -4 * np.exp(-(((times - 0.17) / 0.03) ** 2))
    face = np.arange(240) % 2
    out = []
    for subject in range(1, 5):
        noise = np.cumsum(rng.normal(size=(240, 4, len(times))), 2)
        values = 4 * rng.normal(size=noise.shape) + noise - noise.mean(2, keepdims=True)
        values += face[:, None, None] * np.array([1, 0.2, 0.2, 1])[:, None] * wave
        names = np.where(face, "face", "house")
        channels = {"channel": ["TP9", "AF7", "AF8", "TP10"]}
        runs, labels = np.repeat([1, 2], 120), {"subject": subject, **SAID}
        out.append(Trials(values, names, times, runs, channels, labels))
    return tuple(out)


def story(tr: float, n_volumes: int) -> tuple[Stimuli, dict[str, np.ndarray], dict[str, Responses]]:
    """Sixty words, told again and again; who listens follows what they mean 5 s late, 33 does not.

    Features are those of GloVe and of seven hidden states, of which 2 knows most of GloVe.
    """
    rng = np.random.default_rng(0)
    n = 1800
    shown, meaning = rng.integers(60, size=n), rng.normal(size=(60, 10))
    onset = 20 + np.sort(rng.uniform(0, (n_volumes - 12) * tr, n))
    offset = np.append(onset[1:], onset[-1] + 0.3)
    table = {"word": [f"w{i}" for i in shown], "onset": onset, "offset": offset, "run": "1"}
    words = Stimuli.from_words(pd.DataFrame(table))
    features = {"GloVe": meaning[shown]}
    for i in range(N_STATES):
        noise = rng.normal(size=(n, 30)) * (1 + abs(i - 2))
        features[f"hidden state {i}"] = meaning[shown] @ rng.normal(size=(10, 30)) + noise

    said = np.zeros((n_volumes, 10))
    np.add.at(said, (onset / tr).astype(int), meaning[shown])
    late = np.vstack([np.zeros((2, 10)), said[:-2]]) + np.vstack([np.zeros((3, 10)), said[:-3]])
    signal = _scaled(late) @ rng.normal(size=(10, 6))
    people = [*(f"{i:02d}" for i in range(1, 8 + 1)), "33"]
    heard = {who: signal + rng.normal(size=signal.shape) * 3 * signal.std() for who in people}
    heard["33"] = np.zeros_like(signal)
    return (
        words,
        {who: each[10:] for who, each in heard.items()},
        {
            name: Responses(each, words.names, labels={"layer": name, **SAID}, table=words.table)
            for name, each in features.items()
        },
    )


def kinds(spaces: tuple[str, str]) -> tuple[Responses, tuple[Responses, ...]]:
    """Voxels of EVC follow what is seen, those of PFS what is meant, and those of LOC both."""
    rng = np.random.default_rng(0)
    names = [f"object {i}" for i in range(81)]
    seen, meant = rng.normal(size=(81, 20)), rng.normal(size=(81, 30))
    share = np.repeat([1.0, 0.5, 0.0], 40)
    signal = share * (_scaled(seen) @ rng.normal(size=(20, 120)))
    signal += (1 - share) * (_scaled(meant) @ rng.normal(size=(30, 120)))
    values = signal / signal.std(0) + rng.normal(size=signal.shape)
    units = {"region": np.repeat(["EVC", "LOC", "PFS"], 40)}
    brain = Responses(values, names, units, {"subject": 1, **SAID})
    pairs = zip(spaces, (seen, meant), strict=True)
    return brain, tuple(Responses(x, names, labels={"layer": name, **SAID}) for name, x in pairs)


def orientations(degrees: np.ndarray) -> np.ndarray:
    """500 neurons with bell-shaped tuning on the circle of 180 degrees, and noise."""
    rng = np.random.default_rng(0)
    best = np.deg2rad(np.sort(rng.uniform(0, 180, 500)))
    gains = np.exp(0.5 * rng.normal(size=500))
    bumps = np.exp(2.5 * (np.cos(2 * (np.deg2rad(degrees)[:, None] - best)) - 1))
    signal = 0.2 + gains * bumps
    return signal + 0.5 * np.median(signal.std(0)) * rng.normal(size=signal.shape)
