"""Every plot looks as it did: one small picture of each, compared with the one that is kept.

After a change that is meant to be seen: ``pytest tests/plots/test_images.py
--mpl-generate-path=tests/plots/baseline``, and look at what came out. Letters differ a little from
one release of FreeType to the next, which the tolerance allows; a line, name or colour that is gone
is beyond it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from nilearn.datasets import fetch_surf_fsaverage
from nilearn.surface import load_surf_mesh

import isocortex as ic

LAYERS = [f"conv{i}" for i in range(1, 6)]
OBJECTS = [f"{kind} {i}" for kind in ("face", "body", "house", "tool") for i in range(6)]
KINDS = [name.split()[0] for name in OBJECTS]
plots = ic.plots


def draws():
    return np.random.default_rng(16)


def objects(n_maps=1, seed=0, **labels):
    """RDMs of four kinds of objects."""
    rng = np.random.default_rng(seed)
    patterns = np.repeat(rng.normal(size=(4, 40)), 6, axis=0)
    maps = [
        ic.Responses(patterns + (0.7 + 0.5 * i) * rng.normal(size=(24, 40)), OBJECTS)
        for i in range(n_maps)
    ]
    values = np.concatenate([ic.rdms(each, "correlation").values for each in maps])
    return ic.RDMs(values, OBJECTS, labels, "correlation")


def layer_scores(n_subjects=12):
    """Five layers of one network with two regions of twelve people."""
    profile = np.array([[0.1, 0.2, 0.24, 0.2, 0.15], [0.02, 0.06, 0.12, 0.18, 0.22]])
    values = profile[:, :, None] + 0.04 * draws().normal(size=(2, 5, n_subjects))
    data = {"region": np.repeat(["EVC", "IT"], n_subjects), "subject": [*range(n_subjects)] * 2}
    axes = {"model": {"network": ["AlexNet"] * 5, "layer": LAYERS}, "data": data}
    return ic.Scores(np.concatenate(values, 1), axes, "spearman")


def predictions(n_units=80):
    values = 0.25 + 0.1 * draws().normal(size=(5, 4, n_units))
    values += np.linspace(0, 0.2, 5)[:, None, None]
    layers = {"layer": LAYERS}
    units = {"unit": range(n_units)}
    ceiling = {"ceiling": np.full(n_units, 0.62)}
    axes = {"layer": layers, "fold": {"fold": range(4)}, "unit": units}
    return ic.Scores(values, axes, "pearson", ceiling)


def courses():
    times = np.arange(-10, 50) / 100
    rise = np.exp(-(((times - 0.17) / 0.08) ** 2))
    late = np.exp(-(((times - 0.3) / 0.1) ** 2))
    values = np.stack([0.1 * rise, 0.06 * late])[:, None] + 0.02 * draws().normal(size=(2, 10, 60))
    axes = {
        "model": {"model": ["object", "position"]},
        "subject": {"subject": range(10)},
        "time": {"time": times},
    }
    return ic.Scores(values, axes, "partial_spearman")


def time_by_time():
    times = np.arange(-5, 25) / 50
    rise = np.exp(-(((times - 0.2) / 0.08) ** 2))
    values = 0.5 + 0.2 * rise[:, None] * rise + 0.03 * draws().normal(size=(8, 30, 30))
    axes = {"subject": {"subject": range(8)}}
    axes |= {"train": {"train_time": times}, "test": {"test_time": times}}
    return ic.Scores(values, axes, "accuracy")


def head_map():
    """Voxels of an ellipsoid of the size of a head, with two spots, and its anatomy."""
    shape, affine = (20, 24, 18), np.diag([-8.0, 8, 8, 1])
    affine[:3, 3] = 76, -110, -56
    i, j, k = np.indices(shape)
    x, y, z = (affine[:3, :3] @ np.stack([i, j, k]).reshape(3, -1)) + affine[:3, 3:]
    inside = (x / 66) ** 2 + ((y + 18) / 84) ** 2 + ((z - 10) / 62) ** 2 < 1
    spots = [((36, -60, -12), 0.8), ((-36, -60, -12), 0.6), ((0, 40, 30), -0.4)]
    value = sum(
        height * np.exp(-((x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2) / 500)
        for (a, b, c), height in spots
    )
    value = value + 0.05 * draws().normal(size=value.shape)
    grey = inside * (1.5 + np.sin(x / 9) * np.cos(y / 11) + 0.5 * np.sin(z / 7))
    images = np.stack([value, value], -1).reshape(*shape, 2)
    recording = ic.read_nifti(
        nib.Nifti1Image(images, affine), mask=inside.reshape(shape).astype(np.int16)
    )
    values = recording.numpy()[0].astype(float)
    scores = ic.Scores(values, {"unit": recording.units}, "spearman")
    return scores, nib.Nifti1Image(grey.reshape(shape), affine), recording


def feature_shares(n_units):
    share = np.clip(draws().normal(0.12, 0.1, size=(n_units, 2)), -0.05, None)
    units = {"unit": {"region": [f"region {i}" for i in range(n_units)]}}
    notes = {"spaces": ("rate", "GloVe")}
    return ic.Scores(share.sum(1), units, "r2", {"share": share}, notes)


def on_the_cortex():
    mesh = load_surf_mesh(fetch_surf_fsaverage("fsaverage5")["pial_left"])
    values = (np.asarray(mesh.coordinates)[:, 1] / 100).astype(np.float32)
    image = nib.gifti.GiftiImage(darrays=[nib.gifti.GiftiDataArray(values)])
    recording = ic.read_gifti(image)
    scores = ic.Scores(values, {"unit": recording.units}, "pearson")
    return plots.surface(scores, threshold=0.3)


def on_the_head():
    mne = pytest.importorskip("mne")
    names = mne.channels.make_standard_montage("biosemi32").ch_names
    head = mne.create_info(names, 100.0, "eeg").set_montage("biosemi32")
    axes = {"unit": {"channel": names}, "time": {"time": [0.1, 0.17, 0.25]}}
    values = np.linspace(0, 0.4, 32)[:, None] * [0.3, 1, 0.6]
    return plots.topography(ic.Scores(values, axes, "spearman"), head, threshold=0.3)


def model_tests():
    truth = objects(12, seed=3, subject=range(12))
    rng = draws()
    one = objects(seed=3)
    noise = [[one.values[0] + s * rng.random(276)] for s in (0.4, 0.8, 1.6)] + [[rng.random(276)]]
    names = ["conv5", "conv3", "conv1", "pixels"]
    models = {n: ic.RDMs(v, OBJECTS) for n, v in zip(names, noise, strict=True)}
    return plots.models(ic.infer(models, truth, "pearson", n=100, seed=0))


def parted():
    shape, hue = draws().random((2, 276))
    sets = {"shape": ic.RDMs([shape], OBJECTS), "colour": ic.RDMs([hue + shape / 2], OBJECTS)}
    noise = 2 * draws().random((9, 276))
    brain = ic.RDMs(shape + hue / 2 + noise, OBJECTS, {"subject": range(9)})
    return plots.partition(ic.partition(sets, brain, n=50, seed=0))


def layer_similarity():
    first = np.arange(5)
    values = np.exp(-np.abs(first[:, None] - first[None]) / 2)
    axes = {"first": {"layer": LAYERS}, "second": {"other_layer": LAYERS}}
    return plots.similarity(ic.Scores(values, axes, "cka"))


def confused():
    names = ["face", "body", "house", "tool"]
    axes = {"label": {"label": names}, "predicted": {"predicted": names}}
    counts = [[18, 5, 1, 0], [6, 16, 0, 2], [0, 1, 20, 3], [1, 2, 4, 17]]
    return plots.confusion(ic.Scores(counts, axes, "count"))


def best_regions():
    rng = draws()
    scores = {
        n: rng.uniform(0.1, 0.6, (5, 60)) + 0.2 * np.eye(5)[:, [i]] for i, n in enumerate(LAYERS)
    }
    return ic.hierarchy(scores, subsets=None, resampling=ic.Resampling(n=20))


@dataclass
class Found:
    """What a look into a network finds."""

    layer: str = "conv5"
    unit: int = 3
    method: str = "gradient"
    activation: float = 12.3
    image: np.ndarray | None = None
    map: np.ndarray | None = None
    size: tuple[int, int] = (11, 11)
    centre: tuple[float, float] = (16.0, 16.0)


def a_field():
    y, x = np.indices((32, 32)) - 15.5
    return np.exp(-(x**2 + y**2) / 80) * np.cos(x / 2)


def gratings():
    return ic.gratings(np.arange(-90, 90, 15), size=(32, 32))


def of_v1():
    return ic.simulate_responses(gratings(), n_units=40, labels={"region": "V1"})


def the_best_stimuli():
    return plots.top_stimuli(ic.top_stimuli(of_v1(), None, unit=0, n=4), gratings())


def two_rows():
    values = [
        of_v1(),
        ic.simulate_responses(gratings(), n_units=40, seed=5, labels={"region": "LM"}),
    ]
    return ic.rdms(values)


def on_paper():
    with plots.paper(85):
        return plots.layers(layer_scores().select(region="IT"), ceiling=(0.26, 0.31))


def a_movie():
    figure, ax = plt.subplots(layout="constrained")
    movie = plots.rdm_animation(objects(3, time=[0.0, 0.1, 0.2]), ax=ax)
    figure.canvas.draw()  # begins it
    assert movie is not None
    return ax


def training_report():
    steps = np.exp(-np.linspace(0, 5, 60)) * draws().uniform(0.7, 1.3, 60)
    return ic.TrainingReport(steps.reshape(6, 10), accuracy=0.98)


def less_after(scores):
    lost = np.array([0.0, 0.0, 0.08, 0.06, 0.03])[:, None]
    return scores.replace(values=scores.values - lost)


DRAWN = {
    "ablation": lambda: plots.ablation(it_scores(), less_after(it_scores())),
    "accuracy": lambda: plots.accuracy(predictions(), points="unit", chance=0.0),
    "brain": lambda: on_slices(),
    "confusion": confused,
    "embedding": lambda: plots.embedding(ic.embed(of_v1(), "pca")),
    "generalization": lambda: plots.generalization(time_by_time(), clusters=found_twice()),
    "glass": lambda: plots.glass(head_map()[0], threshold=0.2),
    "hierarchy": lambda: plots.hierarchy(best_regions()),
    "hierarchy_ranking": lambda: plots.hierarchy_ranking(ic.ranked({"my network": 0.3})),
    "hierarchy_regions": lambda: plots.hierarchy_regions(best_regions()),
    "hierarchy_scatter": lambda: plots.hierarchy_scatter(
        ic.published_hierarchy(), {"my network": (0.3, 0.4)}
    ),
    "layer_bars": lambda: plots.layer_bars(it_scores()),
    "layers": lambda: plots.layers(
        layer_scores(), ceiling={"EVC": (0.3, 0.36), "IT": (0.26, 0.31)}
    ),
    "mds": lambda: plots.mds(objects(), groups=KINDS),
    "models": model_tests,
    "optimal_stimulus": lambda: plots.optimal_stimulus(
        [Found(image=a_field() / 2 + 0.5), Found(unit=7, image=a_field().T / 2 + 0.5)]
    ),
    "paper": on_paper,
    "partition": parted,
    "rdm": lambda: plots.rdm(objects(), groups=KINDS),
    "rdm_animation": a_movie,
    "rdm_movie": lambda: plots.rdm_movie(objects(6, time=np.arange(6) / 10), 4),
    "rdm_panels": lambda: plots.rdm_panels(objects(3, layer=["conv1", "conv3", "conv5"])),
    "rdm_rows": lambda: plots.rdm_rows(two_rows(), at=[-45, 45]),
    "receptive_field": lambda: plots.receptive_field(
        [Found(layer=name, size=(s, s)) for name, s in (("conv1", 11), ("conv2", 51))]
    ),
    "saliency": lambda: plots.saliency(Found(image=a_field(), map=np.abs(a_field()))),
    "shares": lambda: plots.shares(feature_shares(5)),
    "similarity": layer_similarity,
    "stimuli": lambda: plots.stimuli(gratings(), at=[0, 3, 6, 9], columns=4),
    "surface": on_the_cortex,
    "timecourse": lambda: plots.timecourse(
        courses(), clusters=ic.clusters(courses(), n_permutations=200, seed=0), ceiling=(0.13, 0.16)
    ),
    "top_stimuli": the_best_stimuli,
    "topography": on_the_head,
    "training": lambda: plots.training(training_report()),
    "tuning": lambda: plots.tuning(ic.tuning_curves(of_v1(), by="orientation"), units=[0, 9, 20]),
}


def it_scores():
    return layer_scores().select(region="IT")


def on_slices():
    scores, grey, _ = head_map()
    return plots.brain(scores, threshold=0.2, background=grey, slices=6)


def found_twice():
    return ic.clusters(time_by_time(), chance=0.5, n_permutations=100, seed=0)


def test_every_plot_has_its_picture():
    assert sorted(DRAWN) == sorted(plots.__all__)


def test_every_plot_is_on_a_page_of_the_gallery():
    pages = Path(__file__).resolve().parents[2].joinpath("examples").rglob("*.py")
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert [n for n in plots.__all__ if not re.search(rf"\bplots\.{n}\b", text)] == []


# Letters of their true width, whatever hints a release of FreeType gives.
LOOK = ["default", {"text.hinting": "none"}]


@pytest.mark.mpl_image_compare(
    baseline_dir="baseline", style=LOOK, tolerance=5, savefig_kwargs={"dpi": 40}
)
@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_looks_as_it_did(name):
    return DRAWN[name]().get_figure(root=True)
