import numpy as np
import pytest
from PIL import Image

import isocortex as ic

pytest.importorskip("pydantic")
pytest.importorskip("pyarrow")

TEXT = """
[study]
name = "tiny"

[stimuli]
folder = "images"

[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = ["conv1", "layer2.0", "linear"]

[[network]]
name = "resnet with seed 1"
source = "cifar10_resnet20"
weights = "random"
seed = 1
layers = ["conv1", "linear"]

[[recording]]
name = "fMRI"
files = "fmri/{subject}_{region}.npz"

[[recording]]
name = "behaviour"
files = "behaviour.npz"

[[method]]
name = "RSA"
kind = "rsa"

[[method]]
name = "CKA"
kind = "similarity"

[[method]]
name = "encoding"
kind = "encoding"
folds = 3

[[method]]
name = "decoding"
kind = "decoding"
model = "ridge"
penalties = [10.0]
folds = 3
"""

N = 14
NAMES = [f"image {i}" for i in range(N)]


@pytest.fixture(scope="session")
def material(tmp_path_factory):
    """A folder with images, recordings of three people in two regions, and behaviour of two."""
    folder = tmp_path_factory.mktemp("material")
    rng = np.random.default_rng(0)
    (folder / "images").mkdir()
    for name in NAMES:
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{name}.png")
    signal = rng.normal(size=(N, 3))
    for person in ("ann", "bob", "cy"):
        for region, n in (("V1", 20), ("IT", 12)):
            values = signal @ rng.normal(size=(3, n)) + rng.normal(size=(N, n))
            order = rng.permutation(N)
            noun = ic.Responses(values[order], [NAMES[i] for i in order])
            ic.save(noun, folder / "fmri" / f"{person}_{region}.npz")
    pairs = rng.random((2, N * (N - 1) // 2))
    ic.save(ic.RDMs(pairs, NAMES, {"subject": ["dee", "eve"]}), folder / "behaviour.npz")
    return folder


@pytest.fixture
def folder(material, tmp_path):
    """The same material by links, with a study of its own."""
    for name in ("images", "fmri", "behaviour.npz"):
        (tmp_path / name).symlink_to(material / name)
    (tmp_path / "study.toml").write_text(TEXT)
    return tmp_path


@pytest.fixture(scope="session")
def done(material, tmp_path_factory):
    """The study after it has run once, not to be written to."""
    folder = tmp_path_factory.mktemp("done")
    for name in ("images", "fmri", "behaviour.npz"):
        (folder / name).symlink_to(material / name)
    (folder / "study.toml").write_text(TEXT)
    return ic.run(ic.Study.from_toml(folder / "study.toml"))


BRAINS = """
[study]
name = "brains"

[stimuli]
folder = "images"

[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = ["conv1", "layer1.0", "layer2.0", "linear"]
pooling = "mean"

[[recording]]
name = "7 T"
files = "betas/{subject}.nii.gz"
mask = "masks/{region}.nii.gz"
volumes = "betas/{subject}.tsv"
regions = ["V1", "V4", "IT"]

[[method]]
name = "encoding"
kind = "encoding"
folds = 3

[[method]]
name = "decoding"
kind = "decoding"
penalties = [10.0]
folds = 3
maps = true
"""


@pytest.fixture(scope="session")
def brains(material, tmp_path_factory):
    """A study of brain images of two people, in three regions that masks show, after its run."""
    nibabel = pytest.importorskip("nibabel")
    folder = tmp_path_factory.mktemp("brains")
    (folder / "images").symlink_to(material / "images")
    rng = np.random.default_rng(1)
    affine = np.diag([3.0, 3, 3, 1])
    (folder / "betas").mkdir()
    (folder / "masks").mkdir()
    for person in ("ann", "bob"):
        betas = rng.normal(size=(8, 9, 6, N)).astype(np.float32)
        nibabel.Nifti1Image(betas, affine).to_filename(folder / "betas" / f"{person}.nii.gz")
        rows = "\n".join(["stimulus", *(NAMES[i] for i in rng.permutation(N))])
        (folder / "betas" / f"{person}.tsv").write_text(rows + "\n")
    for place, region in enumerate(("V1", "V4", "IT")):
        mask = np.zeros((8, 9, 6), dtype=np.uint8)
        mask[1:7, 1 + 2 * place : 3 + 2 * place, 1:5] = 1
        nibabel.Nifti1Image(mask, affine).to_filename(folder / "masks" / f"{region}.nii.gz")
    (folder / "study.toml").write_text(BRAINS)
    return ic.run(ic.Study.from_toml(folder / "study.toml"))
