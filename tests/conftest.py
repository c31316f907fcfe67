"""Fixtures that every room uses."""

import os
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")


@pytest.fixture
def rng():
    return np.random.default_rng(20261121)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real recordings (data/) and pretrained networks (weights/)."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("ISOCORTEX_SHARED", beside))
    if not (folder / "data").is_dir():
        pytest.skip("real data are absent: no folder 'shared' beside the project")
    return folder


def read_only(array):
    """An array that cannot be written to: code that edits its input fails."""
    array = np.array(array)
    array.flags.writeable = False
    return array


@pytest.fixture(params=["numpy", "numpy-readonly", "torch"])
def as_array(request):
    """Turns a numpy array into each kind of array that numerics must take."""
    if request.param == "torch":
        return pytest.importorskip("torch").from_numpy
    return read_only if request.param == "numpy-readonly" else np.asarray


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    """Half a second of noise at 8 kHz in a wav of 16 bits."""
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path_factory.mktemp("sound") / "noise.wav"
    samples = 0.1 * np.random.default_rng(0).normal(size=4000)
    soundfile.write(path, samples, 8000, subtype="PCM_16")
    return path


def _write_film(path, pixels, rate=10, codec="libx264", pts=None):
    """Frames (n, height, width, 3) as an mp4 without loss of frames."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = pixels.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for i, frame in enumerate(pixels):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            if pts is not None:
                picture.pts = pts[i]
                picture.time_base = Fraction(1, rate)
            for packet in stream.encode(picture):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def _grey_steps(n, size=(32, 48)):
    """Frames of which each is brighter than the one before."""
    levels = np.linspace(20, 230, n).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (n, *size, 3)).copy()


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """Two seconds at ten frames a second, each brighter than the one before."""
    return _write_film(tmp_path_factory.mktemp("film") / "steps.mp4", _grey_steps(20))


@pytest.fixture(scope="session")
def write_film():
    """Writes frames (n, height, width, 3) as a film."""
    return _write_film


@pytest.fixture(scope="session")
def grey_steps():
    """Makes frames of which each is brighter than the one before."""
    return _grey_steps


@pytest.fixture
def importable(monkeypatch):
    """Functions of test files can be imported by workers, however pytest was called."""
    root = str(Path(__file__).parents[1])
    monkeypatch.syspath_prepend(root)  # Workers that are spawned have the path of their parent
