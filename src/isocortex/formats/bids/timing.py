"""When the volumes of a run were measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.data.series import repetition_time
from isocortex.errors import FormatError, InputError
from isocortex.formats.bids.names import BidsFile, inherited
from isocortex.formats.bids.notes import Notes
from isocortex.reading import reading

IN_HEADER = "the repetition time of the image's header"


def volume_times(
    root: Path, bold: BidsFile, image: Any, n_volumes: int, notes: Notes
) -> np.ndarray:
    """The time of each volume in s, k TR + StartTime.

    Raises
    ------
    InputError
        If no file tells the repetition time, or it is in milliseconds.
    FormatError
        If a description is no JSON or holds no positive time.
    """
    own = _described(described_beside(bold))
    raw = _described(inherited(root, bold, ("bold",), ".json"))
    told = own.get("RepetitionTime", raw.get("RepetitionTime"))
    header = header_time(image)
    if told is None and header is None:
        raise InputError(
            f"read_bids: no file tells the repetition time of {bold.path.name!r}; write "
            f'{{"RepetitionTime": seconds}} into {described_beside(bold).name!r} beside it.'
        )
    tr = _seconds(header if told is None else told, "RepetitionTime", bold)
    of = f"RepetitionTime of {bold.path.name!r}" if told is not None else IN_HEADER
    seconds = f'{{"RepetitionTime": {tr / 1000:g}}}'
    do = f"Then write {seconds} into {described_beside(bold).name!r} beside the series"
    repetition_time(tr, "read_bids", of, do)
    if told is None:
        notes.add(f"the repetition time is that of the image's header, {tr:g} s")
    elif header is not None and abs(header - tr) > 1e-3 * tr:
        notes.add(f"the repetition time is that of the JSON file, {tr:g} s (header: {header:g})")
    if "StartTime" not in own:
        notes.add("no file tells StartTime: volume k is taken to be of k times TR")
    start = _seconds(own.get("StartTime", 0.0), "StartTime", bold, least=0.0)
    return start + tr * np.arange(n_volumes)


def header_time(image: Any) -> float | None:
    """The repetition time that an image tells, in s; None where it tells none."""
    if type(image).__name__ == "Cifti2Image":
        axis = image.header.get_axis(0)
        scale = {"SECOND": 1.0}.get(getattr(axis, "unit", ""))
        return None if scale is None else float(axis.step)
    if hasattr(image, "darrays"):
        text = image.darrays[0].meta.get("TimeStep") if image.darrays else None
        try:
            return None if text is None else float(text) / 1000
        except ValueError:
            return None
    units = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}
    scale = units.get(getattr(image.header, "get_xyzt_units", lambda: ("", ""))()[1])
    zooms = image.header.get_zooms()
    if scale is None or len(zooms) < 4 or not zooms[3] > 0:
        return None
    # A header has 0.72 in float32, which is 0.72000003 as it stands.
    return float(np.format_float_positional(zooms[3])) * scale


def described_beside(bold: BidsFile) -> Path:
    """Where the description of a series lies, if it has one of its own."""
    return bold.path.with_name(bold.path.name.removesuffix(bold.extension) + ".json")


def _described(path: Path | None) -> dict[str, Any]:
    if path is None or not path.is_file():
        return {}
    with reading(path, "a JSON file"):
        found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise FormatError(f"{str(path)!r} holds no description: it must be a JSON object.")
    return found


def _seconds(value: Any, name: str, bold: BidsFile, least: float | None = None) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value)
    if not number or (value < least if least is not None else value <= 0):
        raise FormatError(f"{name} of {bold.path.name!r} is no time in seconds: {value!r}.")
    return float(value)
