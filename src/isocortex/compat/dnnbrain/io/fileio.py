"""``dnnbrain.io.fileio``: one class for each file format."""

from pathlib import Path
from typing import Any

import numpy as np

from isocortex.compat.dnnbrain.dnn.activation import Activation
from isocortex.compat.dnnbrain.dnn.mask import Mask
from isocortex.errors import FormatError
from isocortex.formats.dnnbrain.files import checked_path
from isocortex.formats.dnnbrain.rdm import format_rdm_h5, parse_rdm_h5
from isocortex.formats.dnnbrain.roi import format_roi_h5, parse_roi_h5
from isocortex.formats.dnnbrain.stim import format_stim_csv, parse_stim_csv


class WrongSuffixError(FormatError, AssertionError):
    """A file whose name does not end as its format demands."""


class _File:
    """A path with the right suffix."""

    suffix = ""

    def __init__(self, file_path: Any):
        try:
            self.path: Path = checked_path(file_path, self.suffix, exists=False)
        except FormatError as error:
            raise WrongSuffixError(str(error)) from None


class StimulusFile(_File):
    """A .stim.csv file."""

    suffix = ".stim.csv"

    def read(self) -> dict[str, Any]:
        """The lines of the header, and under ``"data"`` the columns by name."""
        header, columns = parse_stim_csv(self.path)
        return {**header, "data": columns}

    def write(self, type: str, path: Any, data: dict, **opt_meta: Any) -> None:
        """Write the header and the data."""
        format_stim_csv({"type": type, "path": str(path), **opt_meta}, data, self.path)


class ActivationFile(_File):
    """An .act.h5 file."""

    suffix = ".act.h5"

    def read(self, dmask: Mask | None = None) -> dict[str, np.ndarray]:
        """Layers as arrays (n_stimuli, n_channels, n_rows, n_columns)."""
        activ = Activation()
        activ.load(self.path, dmask)
        return {layer: activ.get(layer) for layer in activ.layers}

    def write(self, act: dict[str, np.ndarray]) -> None:
        """Write layers."""
        activ = Activation()
        for layer, value in act.items():
            activ.set(layer, value)
        activ.save(self.path)


class MaskFile(_File):
    """A .dmask.csv file."""

    suffix = ".dmask.csv"

    def read(self) -> dict[str, dict]:
        """``{layer: {"chn": ..., "row": ..., "col": ...}}``."""
        mask = Mask()
        mask.load(self.path)
        return {layer: mask.get(layer) for layer in mask.layers}

    def write(self, dmask_dict: dict[str, dict]) -> None:
        """Write what :meth:`read` gives."""
        mask = Mask()
        for layer, each in dmask_dict.items():
            mask.set(layer, each.get("chn"), each.get("row"), each.get("col"))
        mask.save(self.path)


class RoiFile(_File):
    """A .roi.h5 file."""

    suffix = ".roi.h5"

    def read(self, rois: Any = None) -> tuple[list[str], np.ndarray]:
        """Names of regions and their data (n_volumes, n_rois)."""
        from isocortex.compat.dnnbrain.brain.roi import ROI

        if rois is None:
            return parse_roi_h5(self.path)
        roi = ROI()
        roi.load(self.path, rois)
        return roi.rois, roi.data

    def write(self, rois: list[str], data: Any) -> None:
        """Write regions."""
        format_roi_h5(list(rois), np.asarray(data), self.path)


class RdmFile(_File):
    """A .rdm.h5 file."""

    suffix = ".rdm.h5"

    def read(self) -> tuple[str, dict[str, np.ndarray]]:
        """The type and the vectors by key."""
        return parse_rdm_h5(self.path)

    def write(self, rdm_type: str, rdm_dict: dict[str, Any]) -> None:
        """Write vectors by key."""
        format_rdm_h5(rdm_type, rdm_dict, self.path)
