"""The demo on simulated data: which layer each region was simulated from is known."""

from pathlib import Path

import numpy as np

import isocortex as ic
from isocortex.cli._demo import Case, ranked
from isocortex.cli._show import progress

KINDS = ("circle", "square", "triangle", "star", "cross", "bar")
LAYERS = ("conv1", "layer1.0", "layer1.2", "layer2.0", "layer2.2", "layer3.0", "layer3.2", "linear")
MADE_FROM = {"early": "layer1.0", "late": "layer3.2"}
NOISE = {"early": 0.7, "late": 1.5}
N_SUBJECTS = 8
N_VOXELS = 200
EPOCHS = 8
SEED = 2026


def made(into: Path) -> Case:
    """A ResNet-20 learns to name shapes; two regions are simulated from two of its layers."""
    network = ic.load_network("cifar10_resnet20", weights=None, name="resnet20")
    seen, shown = pictures(100, seed=SEED), pictures(10, seed=SEED + 1)
    with progress() as listener:
        report = ic.train(
            network,
            seen,
            "shape",
            task="classes",
            epochs=EPOCHS,
            learning_rate=0.02,
            momentum=0.9,
            batch_size=32,
            progress=listener,
        )
        store = ic.extract(
            network, shown, LAYERS, into / "resnet20.zarr", overwrite=True, progress=listener
        )
    first, last = report.epoch_losses[[0, -1]]
    print(
        f"A ResNet-20 was trained to name {len(KINDS)} shapes: its loss fell from {first:.2f} "
        f"to {last:.2f}."
    )
    print(
        f"Two regions of {N_SUBJECTS} subjects were simulated for {len(shown)} new images: "
        + " and ".join(f"{name} from {layer}" for name, layer in MADE_FROM.items())
        + ", with noise."
    )
    models = ic.rdms(store, "correlation")
    brain = ic.rdms(
        [
            region(store[layer], name, subject)
            for name, layer in MADE_FROM.items()
            for subject in range(1, N_SUBJECTS + 1)
        ],
        "correlation",
    )
    pictured = [models.select(layer=layer) for layer in ("conv1", "layer2.0", "layer3.2")]
    pictured += [brain.select(region=name).mean() for name in MADE_FROM]
    names = ("conv1", "layer2.0", "layer3.2", "early region", "late region")
    values = np.concatenate([each.values for each in pictured])
    return Case(
        into=into,
        models=models,
        brain=brain,
        pictured=ranked(ic.RDMs(values, models.stimuli), names),
        groups=shown.table["shape"].tolist(),
        network="resnet20",
        early="early",
        late="late",
        halves=True,
    )


def pictures(n_each: int, seed: int) -> ic.Stimuli:
    """White shapes of any rotation, size and place, on textures."""
    rng = np.random.default_rng(seed)
    n = n_each * len(KINDS)
    return ic.shapes(
        list(KINDS) * n_each,
        rotations=rng.uniform(0, 360, n),
        scales=rng.uniform(0.18, 0.4, n),
        rows=rng.uniform(0.35, 0.65, n),
        columns=rng.uniform(0.35, 0.65, n),
        background="texture",
        size=(32, 32),
        seed=seed,
    )


def region(layer: ic.Responses, name: str, subject: int) -> ic.Responses:
    """Voxels that each follow one unit of a layer, and noise of their own."""
    rng = np.random.default_rng([SEED, subject, len(name)])
    x = layer.numpy()
    if x.shape[1] > N_VOXELS:
        x = x[:, rng.choice(x.shape[1], N_VOXELS, replace=False)]
    noise = rng.normal(scale=NOISE[name] * x.std(), size=x.shape)
    return ic.Responses(x + noise, layer.stimuli, labels={"region": name, "subject": subject})
