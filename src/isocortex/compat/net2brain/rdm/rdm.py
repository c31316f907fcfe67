"""``net2brain.rdm.rdm``: the RDM of one layer, and its file."""

from pathlib import Path
from typing import Any

import numpy as np

from isocortex.arrays import as_numpy
from isocortex.choice import choose
from isocortex.data.rdms import RDMs
from isocortex.errors import FormatError, InputError, NotFoundError
from isocortex.formats.net2brain.rdm_files import (
    RDMFile,
    file_name,
    from_fields,
    read_rdm_npz,
    write_rdm_npz,
)
from isocortex.store.atomic import whole


class LayerRDM:
    """The dissimilarities between stimuli in one layer.

    Parameters
    ----------
    rdm : array or tensor, shape (n, n) or (n_pairs,)
    layer_name : str
    stimuli_name : sequence of str, optional
    meta : dict, optional
        Such as ``{"distance": "pearson"}``.
    """

    def __init__(
        self, rdm: Any, layer_name: str, stimuli_name: Any = None, meta: dict | None = None
    ):
        self._file = from_fields(as_numpy(rdm), layer_name, stimuli_name, meta or {}, layer_name)

    @classmethod
    def from_file(cls, file: str | Path) -> "LayerRDM":
        """From an ``.npz`` or a ``.pt`` file, without unpickling.

        Raises
        ------
        NotFoundError, FormatError
            If there is no such file, or it holds something else.
        """
        path = Path(file)
        readers = {".npz": read_rdm_npz, ".pt": _read_pt}
        if path.suffix not in readers:
            raise InputError(f"LayerRDM reads .npz and .pt files, not {path.name!r}.")
        found = readers[path.suffix](path)
        return cls(found.rdm, found.layer, found.stimuli, found.meta)

    @property
    def layer_name(self) -> str:
        """The name of the layer, with its dots."""
        return self._file.layer

    @property
    def stimuli_name(self) -> tuple[str, ...]:
        """The names of the stimuli, in the order of rows."""
        return self._file.stimuli

    @property
    def meta(self) -> dict[str, Any]:
        """What else is known, such as the distance."""
        return self._file.meta

    @property
    def data(self) -> np.ndarray:
        """Square, shape (n, n)."""
        return self.to_matrix()

    def to_vector(self) -> np.ndarray:
        """The upper triangle, shape (n_pairs,)."""
        return self._file.rdm

    def to_matrix(self) -> np.ndarray:
        """Square, shape (n, n)."""
        return self.to_rdms().square()[0]

    def to_rdms(self) -> RDMs:
        """As isocortex has it."""
        distance = str(self.meta.get("distance", ""))
        return RDMs(self._file.rdm[None], self.stimuli_name, {"layer": self.layer_name}, distance)

    def save(self, save_path: str | Path, file_format: str = "pt") -> Path:
        """Write ``RDM_<layer>`` into a folder, as ``"pt"`` or ``"npz"``; complete, or not."""
        write = choose(file_format, {"pt": _write_pt, "npz": write_rdm_npz}, "file_format")
        return write(self._file, Path(save_path) / file_name(self.layer_name, file_format))

    def plot(self, indices: Any = None, ax: Any = None, **image: Any) -> Any:
        """The matrix, or the stimuli at ``indices`` of it, as an image.

        Parameters
        ----------
        indices : sequence of int, optional
        ax : matplotlib Axes, optional
        **image
            For ``imshow``, such as ``cmap``, ``vmin`` and ``vmax``.

        Returns
        -------
        matplotlib Axes
        """
        from isocortex.plots._style import MAP, axes

        rows = np.arange(len(self)) if indices is None else np.asarray(indices, dtype=np.intp)
        if len(rows) and (rows.max() >= len(self) or rows.min() < -len(self)):
            raise InputError(f"plot: indices must be below {len(self)}, the number of stimuli.")
        names = [self.stimuli_name[i] for i in rows]
        ax = axes(ax, (5.2, 4.4))
        shown = ax.imshow(self.data[np.ix_(rows, rows)], **{"cmap": MAP, **image})
        ax.set_title(f"Layer={self.layer_name}")
        if len(names) <= 30:
            ax.set_xticks(range(len(names)), names, rotation=90, fontsize="small")
            ax.set_yticks(range(len(names)), names, fontsize="small")
        bar = ax.figure.colorbar(shown, ax=ax)
        bar.set_label(str(self.meta.get("distance", "distance")))
        return ax

    def __len__(self) -> int:
        return len(self.stimuli_name)

    def __repr__(self) -> str:
        return f"LayerRDM(layer_name={self.layer_name!r}, num_stimuli={len(self)})"


def _read_pt(path: Path) -> RDMFile:
    import torch

    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds, for a damaged file as for one with objects
        first = str(error).splitlines()[0]
        raise FormatError(
            f"{str(path)!r} cannot be read as an RDM: it is damaged, or holds Python objects, "
            f"which are never unpickled ({first})."
        ) from None
    if not isinstance(found, dict) or "rdm" not in found:
        raise FormatError(f"{str(path)!r} holds no RDM: a dictionary with 'rdm' is needed.")
    layer = str(found.get("layer_name", path.stem))
    names, meta = found.get("stimuli_name"), found.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    return from_fields(as_numpy(found["rdm"]), layer, names, meta, str(path))


def _write_pt(rdm: RDMFile, path: Path) -> Path:
    import torch

    fields = {
        "rdm": torch.from_numpy(rdm.rdm),
        "stimuli_name": list(rdm.stimuli),
        "layer_name": rdm.layer,
        "meta": rdm.meta,
    }
    with whole(path) as draft:
        torch.save(fields, draft)
    return path
