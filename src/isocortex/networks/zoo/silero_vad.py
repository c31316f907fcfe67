"""Silero's detector of speech as a plain module, whose layers can be listened to.

Windows of 512 samples at 16 kHz, each with the 64 before it: an STFT, four convolutions and an
LSTM whose state goes on from window to window. Weights: Silero Team (2024), silero-vad 6, MIT
licence. A TorchScript archive of them is never run: tensors are taken from it as bytes.
"""

import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from isocortex.choice import listed
from isocortex.errors import FormatError, InputError
from isocortex.networks.inputs.recorded import AudioPreprocessing
from isocortex.networks.weights.files import read_checkpoint
from isocortex.networks.zoo.source import Built
from isocortex.reading import reading

WINDOW, BEFORE = 512, 64
SILERO = AudioPreprocessing(16000)

_SHAPES: dict[str, tuple[int, ...]] = {
    "stft.basis.weight": (258, 1, 256),
    "encoder.0.conv.weight": (128, 129, 3),
    "encoder.0.conv.bias": (128,),
    "encoder.1.conv.weight": (64, 128, 3),
    "encoder.1.conv.bias": (64,),
    "encoder.2.conv.weight": (64, 64, 3),
    "encoder.2.conv.bias": (64,),
    "encoder.3.conv.weight": (128, 64, 3),
    "encoder.3.conv.bias": (128,),
    "lstm.weight_ih_l0": (512, 128),
    "lstm.weight_hh_l0": (512, 128),
    "lstm.bias_ih_l0": (512,),
    "lstm.bias_hh_l0": (512,),
    "probability.linear.weight": (1, 128),
    "probability.linear.bias": (1,),
}
"""In the order of the archive."""


class Spectrum(nn.Module):
    """|STFT| of windows of 576 samples, mirrored on the right: 129 bands x 4 frames."""

    def __init__(self) -> None:
        super().__init__()
        self.basis = nn.Conv1d(1, 258, 256, stride=128, bias=False)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """(n_windows, 129, 4) of (n_windows, 576)."""
        mirrored = nn.functional.pad(windows[:, None], (0, BEFORE), mode="reflect")
        real, imaginary = self.basis(mirrored).chunk(2, dim=1)
        return torch.sqrt(real**2 + imaginary**2)


class Block(nn.Module):
    """A convolution of three frames, and a ReLU."""

    def __init__(self, n_in: int, n_out: int, stride: int):
        super().__init__()
        self.conv = nn.Conv1d(n_in, n_out, 3, stride, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n_windows, n_out, ceil(n_frames / stride))."""
        return torch.relu(self.conv(x))


class Probability(nn.Module):
    """Of speech, from the state of the LSTM."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(128, 1)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(…, 1) of (…, 128)."""
        return torch.sigmoid(self.linear(torch.relu(states)))


class SileroVAD(nn.Module):
    """Layers ``stft``, ``encoder.0`` … ``encoder.3``, ``lstm`` and ``probability``.

    Its rows are windows: row k is computed from samples 512 k − 64 … 512 k + 511, and the
    state of all before. Samples after the last whole window are left out.
    """

    frame_spans = (WINDOW, -BEFORE, WINDOW)
    """Samples from row to row, and from where to where row 0 reaches; it stands for the end."""

    def __init__(self) -> None:
        super().__init__()
        self.stft = Spectrum()
        sizes = ((129, 128, 1), (128, 64, 2), (64, 64, 2), (64, 128, 1))
        self.encoder = nn.Sequential(*(Block(*each) for each in sizes))
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.probability = Probability()

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        """The probability of speech (n_sounds, n_windows, 1) of (n_sounds, n_samples)."""
        n = samples.shape[1] // WINDOW
        padded = nn.functional.pad(samples[:, : n * WINDOW], (BEFORE, 0))
        windows = padded.unfold(1, WINDOW + BEFORE, WINDOW)
        # All but the LSTM is one batch over the windows of all sounds.
        found = self.encoder(self.stft(windows.reshape(-1, WINDOW + BEFORE)))
        states, _ = self.lstm(found.reshape(len(samples), n, -1))
        return self.probability(states)


def file_of(path: Path) -> Path | None:
    """The file itself, or the only one in a folder; None where there is none.

    Raises
    ------
    InputError
        If a folder holds several: these are different networks.
    """
    if not path.is_dir() or (path / "config.json").is_file():
        return path if is_silero(path) else None
    held = [each for each in sorted(path.iterdir()) if is_silero(each)]
    if len(held) > 1:
        raise InputError(
            f"The folder {str(path)!r} holds {len(held)} detectors of speech whose weights differ: "
            f"{listed(each.name for each in held)}. Name the file."
        )
    return held[0] if held else None


def is_silero(path: Path) -> bool:
    """Whether a file holds weights of this network, by its names."""
    if path.suffix == ".jit":
        return _is_archive(path)
    if path.suffix != ".safetensors":
        return False
    from safetensors import safe_open

    try:
        with safe_open(path, "pt") as file:
            return {"stft_conv.weight", "lstm_cell.weight_ih"} <= set(file.keys())
    except Exception:  # Damaged files are told of where weights are read.
        return False


def _is_archive(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any("/code/__torch__/vad/model/" in name for name in archive.namelist())


def from_silero(path: Path) -> Built:
    """The network with the weights of a file (.safetensors, or .jit, which is not run).

    Raises
    ------
    FormatError
        If a tensor is missing or has another shape.
    """
    tensors = _of_archive(path) if path.suffix == ".jit" else _of_safetensors(path)
    for name, shape in _SHAPES.items():
        if name not in tensors or tensors[name].numel() != torch.Size(shape).numel():
            raise FormatError(
                f"{str(path)!r} is not Silero's network of 16 kHz: {name!r} is missing, or not of "
                f"shape {shape}."
            )
    module = SileroVAD()
    module.load_state_dict({name: tensors[name].reshape(_SHAPES[name]) for name in _SHAPES})
    return Built(module.eval(), SILERO, str(path), modality="audio")


def _of_safetensors(path: Path) -> dict[str, torch.Tensor]:
    found: dict[str, Any] = read_checkpoint(path)
    return {_own_name(name): each for name, each in found.items()}


def _own_name(name: str) -> str:
    """What a tensor of the file is called here."""
    for old, new in _RENAMED.items():
        name = name.replace(old, new)
    return name


_RENAMED = {
    "stft_conv.": "stft.basis.",
    "conv1.": "encoder.0.conv.",
    "conv2.": "encoder.1.conv.",
    "conv3.": "encoder.2.conv.",
    "conv4.": "encoder.3.conv.",
    "lstm_cell.weight_ih": "lstm.weight_ih_l0",
    "lstm_cell.weight_hh": "lstm.weight_hh_l0",
    "lstm_cell.bias_ih": "lstm.bias_ih_l0",
    "lstm_cell.bias_hh": "lstm.bias_hh_l0",
    "final_conv.": "probability.linear.",
}


def _of_archive(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by their order and sizes: an archive's table is a pickle, which is not opened."""
    with reading(path, "an archive of TorchScript"), zipfile.ZipFile(path) as archive:
        sizes = {each.filename: each.file_size for each in archive.infolist()}
        root = next(iter(sizes)).split("/")[0]
        wanted = [4 * torch.Size(shape).numel() for shape in _SHAPES.values()]
        numbers = sorted(
            int(name.rsplit("/", 1)[1])
            for name in sizes
            if name.startswith(f"{root}/data/") and name.rsplit("/", 1)[1].isdecimal()
        )
        places = [n for n in numbers if sizes[f"{root}/data/{n}"]][: len(wanted)]
        if [sizes[f"{root}/data/{n}"] for n in places] != wanted:
            raise FormatError(
                f"{str(path)!r} is a TorchScript archive with other tensors than Silero's network "
                "of 16 kHz. TorchScript is never run here: convert it, with "
                "torch.jit.load(path).state_dict() and safetensors.torch.save_file, and give that."
            )
        return {
            name: torch.frombuffer(bytearray(archive.read(f"{root}/data/{n}")), dtype=torch.float32)
            for name, n in zip(_SHAPES, places, strict=True)
        }
