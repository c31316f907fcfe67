"""Maps of single voxels for the page: a byte for each voxel of a mask, and what lies below them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.data.responses import Responses
from isocortex.errors import IsocortexError
from isocortex.formats.files import open_image
from isocortex.formats.space import Volume
from isocortex.pages.packed import packed
from isocortex.study.maps import kept_map
from isocortex.study.recordings import Recorded, beside
from isocortex.study.result import StudyResult
from isocortex.study.settings import Encoding
from isocortex.study.tasks import Batch, Task

MOST_BYTES = 4_000_000
"""Of all maps of a page, before they are compressed."""
MOST_VOXELS = 2_000_000
"""Of an anatomy; a larger one is shown at every second voxel, or third."""
MISSING = 255
_LEVELS = 254
_MNI_MM = 3
_FAINT, _BRIGHT = 2, 99


@dataclass(frozen=True)
class BrainMaps:
    """What a page needs to draw maps."""

    about: Mapping[str, Any] = field(default_factory=dict)
    """grids (shape, affine, voxels of each region), anatomies, maps with their place in bytes."""
    values: str = ""
    """The bytes of all maps, packed."""
    notes: Sequence[str] = ()
    """What was left out."""


@dataclass(frozen=True)
class _Map:
    """The regions of one person, one layer, one method."""

    method: str
    network: str
    layer: str
    recording: str
    subject: str
    tasks: tuple[tuple[Batch, Task], ...]

    @property
    def key(self) -> list[str]:
        return [self.method, self.network, self.layer, self.recording, self.subject]


def brain_maps(result: StudyResult, best: Sequence[tuple[str, str]]) -> BrainMaps:
    """All maps of encodings of brain images; where they are too many, those of ``best`` layers."""
    wanted = list(_wanted(result))
    grids: dict[tuple[str, str], _Grid] = {}
    for each in wanted:
        place = (each.recording, each.subject)
        if place not in grids:
            grids[place] = _Grid([task.recorded[0] for _, task in each.tasks])
    wanted = [each for each in wanted if grids[each.recording, each.subject].voxels]
    kept, notes = _thinned(wanted, grids, best)
    if not kept:
        return BrainMaps(notes=notes)
    places = list(dict.fromkeys((each.recording, each.subject) for each in kept))
    held = [_values(result.study.results, each) for each in kept]
    known = np.concatenate([each[np.isfinite(each)] for each in held] or [np.zeros(1)])
    low, high = float(min(known.min(initial=0), 0)), float(max(known.max(initial=0), 1e-6))
    bytes_ = b"".join(_levels(each, low, high).tobytes() for each in held)
    below = {place: _anatomy(result, place, notes) for place in places}
    about = {
        "low": low,
        "high": high,
        "grids": [grids[place].about for place in places],
        "below": list(below.values()),
        "maps": [
            [*each.key, places.index((each.recording, each.subject)), len(values)]
            for each, values in zip(kept, held, strict=True)
        ],
    }
    return BrainMaps(about, packed(bytes_), notes)


def _wanted(result: StudyResult) -> Iterator[_Map]:
    for batch in result.plan.batches:
        if not (isinstance(batch.method, Encoding) and batch.method.maps):
            continue
        people: dict[tuple[str, str], list[tuple[Batch, Task]]] = {}
        for task in batch.tasks:
            if task.layer is not None and result.plan.is_done(task.key):
                place = (task.recorded[0].recording, task.recorded[0].subject)
                people.setdefault(place, []).append((batch, task))
        for (recording, subject), tasks in people.items():
            layer = tasks[0][1].layer
            assert layer is not None
            name = batch.method.name
            yield _Map(name, layer.network, layer.layer, recording, subject, tuple(tasks))


class _Grid:
    """Where the voxels of one person's regions lie."""

    def __init__(self, regions: Sequence[Recorded]):
        self.voxels = 0
        self.about: dict[str, Any] = {}
        spaces, places = [], {}
        for each in regions:
            noun = each.load()
            if not isinstance(noun, Responses):
                return
            units, space = noun.units, noun.units.attrs.get("space")
            if not isinstance(space, Volume):
                return
            spaces.append(space)
            ijk = tuple(units[name].to_numpy() for name in ("i", "j", "k"))
            # NIfTI counts the first axis fastest.
            places[each.region] = np.ravel_multi_index(ijk, space.shape, order="F").tolist()
        first = spaces[0]
        if any(each.shape != first.shape for each in spaces):
            return
        self.voxels = sum(map(len, places.values()))
        affine = np.asarray(first.affine, dtype=float)
        self.about = {"shape": list(first.shape), "affine": affine.tolist(), "regions": places}


def _thinned(
    wanted: Sequence[_Map],
    grids: Mapping[tuple[str, str], _Grid],
    best: Sequence[tuple[str, str]],
) -> tuple[list[_Map], list[str]]:
    """All maps, or those of the best layers, or of the first people."""

    def size(maps: Sequence[_Map]) -> int:
        return sum(grids[each.recording, each.subject].voxels for each in maps)

    kept = list(wanted)
    if size(kept) <= MOST_BYTES:
        return kept, []
    kept = [each for each in kept if (each.network, each.layer) in set(best)]
    what = "of layers that are best somewhere"
    while kept and size(kept) > MOST_BYTES:
        last = kept[-1].subject
        kept = [each for each in kept if each.subject != last]
        what = "of layers that are best somewhere, of some people"
    said = [
        f"{len(wanted)} maps of the brain would make the page too large: it has {len(kept)}, "
        f"{what if kept else 'none'}; result.map has all of them."
    ]
    return kept, said


def _values(results: Path, each: _Map) -> np.ndarray:
    parts = []
    for _, task in each.tasks:
        values = kept_map(results, task)
        if values is None:
            noun: Any = task.recorded[0].load()
            values = np.full(noun.n_units, np.nan, dtype=np.float32)
        parts.append(values)
    return np.concatenate(parts)


def _levels(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Scores as bytes from ``low`` to ``high``."""
    found = np.full(values.shape, MISSING, dtype=np.uint8)
    known = np.isfinite(values)
    found[known] = np.rint((values[known] - low) / (high - low) * _LEVELS)
    return found


def _anatomy(result: StudyResult, place: tuple[str, str], notes: list[str]) -> Any:
    """What lies below: the study's image of that person, or the template; None where neither is."""
    recording, subject = place
    source = next(each for each in result.study.settings.recording if each.name == recording)
    if source.background is None:
        return None
    try:
        image = _opened(result, source.background, subject)
    except IsocortexError as error:
        notes.append(f"Maps of {subject} have no anatomy below them: {error}")
        return None
    data = np.asarray(image.dataobj, dtype=np.float32)
    data = data.reshape((*data.shape[:3], -1))[..., 0]
    step = 1
    while data[::step, ::step, ::step].size > MOST_VOXELS:
        step += 1
    data = np.nan_to_num(data[::step, ::step, ::step])
    faint, bright = np.percentile(data[data > 0] if (data > 0).any() else data, [_FAINT, _BRIGHT])
    grey = np.clip((data - faint) / max(bright - faint, 1e-12), 0, 1) * 255
    affine = np.array(image.affine, dtype=float)
    affine[:, :3] *= step
    return {
        "shape": list(data.shape),
        "affine": affine.tolist(),
        "values": packed(grey.astype(np.uint8).tobytes(order="F")),
    }


def _opened(result: StudyResult, background: str, subject: str) -> Any:
    if background == "mni":
        from nilearn.datasets import load_mni152_template

        return load_mni152_template(resolution=_MNI_MM)
    return open_image(beside(result.study.folder, background, subject), "report")
