"""``.dmask.csv``: which channels, rows and columns of which layers; numbers count from 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.errors import FormatError, InputError
from isocortex.formats.dnnbrain.files import checked_path
from isocortex.reading import reader, reading
from isocortex.store.atomic import whole

SUFFIX = ".dmask.csv"
Numbers = Sequence[int] | str
AXES = ("chn", "row", "col")


@dataclass(frozen=True)
class UnitMask:
    """The channels, rows and columns of a layer that are kept; numbers count from 1."""

    channels: Numbers = "all"
    """Numbers from 1, or ``"all"``."""
    rows: Numbers = "all"
    """Numbers from 1, or ``"all"``."""
    columns: Numbers = "all"
    """Numbers from 1, or ``"all"``."""

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The part of an array (n_stimuli, n_channels, n_rows, n_columns).

        Raises
        ------
        InputError
            If a number lies outside the layer.
        """
        for axis, wanted in enumerate((self.channels, self.rows, self.columns), 1):
            if not isinstance(wanted, str):
                values = np.take(values, places(wanted, values.shape[axis], AXES[axis - 1]), axis)
        return values

    def select(self, layer: Responses) -> Responses:
        """The same part of a layer whose units have channel, row and col (from 0)."""
        keep = np.ones(layer.n_units, dtype=bool)
        for column, wanted in (
            ("channel", self.channels), ("row", self.rows), ("col", self.columns),
        ):  # fmt: skip
            if not isinstance(wanted, str):
                own = layer.units[column].to_numpy()
                keep &= np.isin(own, places(wanted, int(own.max()) + 1, column))
        return layer.units_where(keep)


def places(numbers: Sequence[int], size: int, axis: str) -> np.ndarray:
    """Numbers from 1 as positions from 0.

    Raises
    ------
    InputError
        If one lies outside 1 to ``size``.
    """
    where = np.asarray(numbers, dtype=np.intp) - 1
    if where.size and (where.min() < 0 or where.max() >= size):
        raise InputError(f"{axis} numbers go from 1 to {size} here; {list(numbers)} do not.")
    return where


@door
@reader("a mask of DNNBrain", alone=True)
def read_dmask_csv(path: str | Path) -> dict[str, UnitMask]:
    r"""Read which units of which layers a DNNBrain file selects.

    Parameters
    ----------
    path : path
        Ends in .dmask.csv.

    Returns
    -------
    mapping from layer to UnitMask

    Raises
    ------
    FormatError
        If a line does not fit.

    See Also
    --------
    write_dmask_csv : Writes such a file.
    read_act_h5 : The layers that it selects from.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "first.dmask.csv")
    ...     _ = path.write_text("conv1=chn\n1,3\n", encoding="utf-8")
    ...     masks = ic.read_dmask_csv(path)
    >>> masks["conv1"]
    UnitMask(channels=[1, 3], rows='all', columns='all')
    """
    path = checked_path(path, SUFFIX, exists=True)
    with reading(path, "a text file in UTF-8"):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line]
    masks: dict[str, UnitMask] = {}
    at = 0
    while at < len(lines):
        layer, equals, axes = lines[at].partition("=")
        names = [name.strip() for name in axes.split(",") if name.strip()]
        if not equals or not set(names) <= set(AXES):
            raise FormatError(
                f"{str(path)!r}: {lines[at]!r} should be a layer, '=' and some of chn,row,col."
            )
        masks[layer] = _mask(names, lines[at + 1 : at + 1 + len(names)], layer, path)
        at += 1 + len(names)
    return masks


@door
def write_dmask_csv(masks: Mapping[str, UnitMask], path: str | Path) -> Path:
    """Write which units of which layers to use, as DNNBrain does.

    Parameters
    ----------
    masks : mapping from layer to UnitMask
        Channels, rows and columns of each layer, counted from 1.
    path : path
        Ends in .dmask.csv.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the name ends otherwise.

    See Also
    --------
    read_dmask_csv : Reads such a file.
    write_act_h5 : The layers that it selects from.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> from isocortex.formats.dnnbrain.dmask import UnitMask
    >>> with TemporaryDirectory() as folder:
    ...     masks = {"conv1": UnitMask(channels=[1, 3])}
    ...     path = ic.write_dmask_csv(masks, f"{folder}/first.dmask.csv")
    ...     print(Path(path).read_text(encoding="utf-8").split())
    ['conv1=chn', '1,3']
    """
    path = checked_path(path, SUFFIX, exists=False)
    lines: list[str] = []
    for layer, mask in masks.items():
        each = dict(zip(AXES, (mask.channels, mask.rows, mask.columns), strict=True))
        chosen = {name: value for name, value in each.items() if not isinstance(value, str)}
        lines.append(f"{layer}={','.join(chosen)}")
        lines += [",".join(str(int(n)) for n in value) for value in chosen.values()]
    with whole(path) as draft:
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _mask(names: list[str], lines: list[str], layer: str, path: Path) -> UnitMask:
    try:
        numbers = [[int(n) for n in line.split(",")] for line in lines]
    except ValueError:
        raise FormatError(
            f"{str(path)!r}: below {layer!r} there must be whole numbers, not {lines!r}."
        ) from None
    if len(numbers) != len(names):
        raise FormatError(
            f"{str(path)!r}: {layer!r} names {len(names)} axes without their numbers."
        )
    chosen = dict(zip(names, numbers, strict=True))
    return UnitMask(*(chosen.get(axis, "all") for axis in AXES))
