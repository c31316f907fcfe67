"""RDMs from arrangements of the Meadows platform: MATLAB (one or many people) and JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from isocortex.choice import listed, there_are
from isocortex.data.needs import door
from isocortex.data.pictures import picture_suffixes
from isocortex.data.rdms import RDMs
from isocortex.errors import FormatError, NotFoundError
from isocortex.formats.mat.v5 import listing, read_all
from isocortex.reading import check_room, reader

WHAT = "a file of RDMs of Meadows"
_NAME = re.compile(
    r"Meadows_(?P<experiment>.+)_v_v?(?P<version>[^_]+)_(?P<who>[^_]+)"
    r"(?:_(?P<task_index>\d+))?_(?P<structure>[^_]+)$"
)
_OTHERS = (".mp3", ".mp4", ".ogg", ".svg", ".txt", ".wav", ".webm")


@door
@reader(WHAT)
def read_meadows(path: str | Path, *, join: str = "same") -> RDMs:
    """Read the RDMs that people made by arranging stimuli on the Meadows platform.

    Parameters
    ----------
    path : path
        ``Meadows_…_1D.mat`` of one person (variables ``rdmutv``, ``stimuli``) or of many
        (``rdmutv_name``, ``stimuli_name``), or ``Meadows_…_tree.json`` of one person.
    join : {"same", "inner", "outer"}, default="same"
        Of people (or tasks) with different stimuli, as in :meth:`RDMs.concat`.

    Returns
    -------
    RDMs
        One for each person, or task, in the order of the file; stimuli in the order of the
        first, by name, without the ending of an image or sound where all stay different. Labels
        are ``subject`` (as Meadows calls the person, ``cuddly-bunny``), and what the name of the
        file tells: ``experiment``, ``version``, ``task`` or ``task_index``.

    Raises
    ------
    NotFoundError
        If there is no such file.
    FormatError
        If it is damaged, or holds no arrangements.
    MisalignedError
        If people saw different stimuli and ``join`` is ``"same"``.

    See Also
    --------
    RDMs.from_rsatoolbox : RDMs of rsatoolbox, whose reader cuts names at their first dot.
    infer, compare, noise_ceiling : What comes next.

    References
    ----------
    .. [1] Kriegeskorte & Mur (2012), Inverse MDS: inferring dissimilarity structure from multiple
       item arrangements, Frontiers in Psychology 3:245. https://doi.org/10.3389/fpsyg.2012.00245

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> from scipy.io import savemat
    >>> made = {"rdmutv": [[0.1, 0.8, 0.9]], "stimuli": ["cat.png", "dog.png", "car.png"]}
    >>> with TemporaryDirectory() as folder:
    ...     path = f"{folder}/Meadows_pets_v_v1_cuddly-bunny_3_1D.mat"
    ...     savemat(path, made)
    ...     rdms = ic.read_meadows(path)
    >>> rdms.stimuli, rdms.labels["subject"].tolist()
    (('cat', 'dog', 'car'), ['cuddly-bunny'])
    """
    path = Path(path)
    if not path.is_file():
        raise NotFoundError(f"There is no file {str(path)!r}.")
    parts = list(_of_json(path) if path.suffix.lower() == ".json" else _of_matlab(path))
    if not parts:
        raise FormatError(
            f"{str(path)!r} holds no arrangements of Meadows: there is neither a variable rdmutv "
            "nor a task of the type multiarrange."
        )
    told = _told(path)
    alone = all("subject" not in labels for _, _, labels in parts)
    own = {key: told[key] for key in ("experiment", "version", "task_index") if key in told}
    if "who" in told:
        own["subject" if alone else "task"] = told["who"]
    return RDMs.concat((_rdms(*part, own, path) for part in parts), join)


def is_meadows(path: Path) -> bool:
    """Whether a MATLAB file of version 5 has the variables of Meadows."""
    with path.open("rb") as file:
        head = file.read(128)
    if head[124:128] not in (b"\0\1IM", b"\1\0MI"):
        return False
    names = [name for name, _, _ in listing(path)]
    return any(name == "rdmutv" or name.startswith("rdmutv_") for name in names)


Part = tuple[Any, Any, dict[str, Any]]


def _of_matlab(path: Path) -> Iterator[Part]:
    held = read_all(path, lambda name: name.startswith(("rdmutv", "stimuli")))
    for name in held:
        if name != "rdmutv" and not name.startswith("rdmutv_"):
            continue
        person = name.removeprefix("rdmutv").removeprefix("_")
        stimuli = held.get(name.replace("rdmutv", "stimuli", 1))
        if stimuli is None:
            raise FormatError(
                f"{str(path)!r} has {name!r}, but no variable that names its stimuli; it has "
                f"{listed(held)}."
            )
        yield held[name], stimuli, {"subject": person.replace("_", "-")} if person else {}


def _of_json(path: Path) -> Iterator[Part]:
    check_room(path, 8 * path.stat().st_size)
    held = json.loads(path.read_text(encoding="utf-8"))
    for place, task in enumerate(held["tasks"]):
        about = task.get("task", {})
        if about.get("task_type") == "multiarrange":
            names = [each["name"] for each in task["stimuli"]]
            yield task["rdm"], names, {"task": str(about.get("name", "")), "task_index": place}


def _told(path: Path) -> dict[str, Any]:
    """What the name of a file says; nothing of one that was renamed."""
    found = _NAME.fullmatch(path.stem)
    if found is None:
        return {}
    told: dict[str, Any] = {key: each for key, each in found.groupdict().items() if each}
    if "task_index" in told:
        told["task_index"] = int(told["task_index"])
    return told


def _rdms(
    values: Any, stimuli: Any, labels: Mapping[str, Any], own: Mapping[str, Any], path: Path
) -> RDMs:
    names = [str(each).strip() for each in ([stimuli] if isinstance(stimuli, str) else stimuli)]
    values = np.atleast_2d(np.asarray(values, dtype=np.float64))
    n_pairs = len(names) * (len(names) - 1) // 2
    if values.ndim != 2 or values.shape[1] != n_pairs:
        raise FormatError(
            f"{str(path)!r}: {there_are(len(names), 'stimulus')}, but dissimilarities of "
            "shape "
            f"{values.shape}; it must be (n_rdms, {n_pairs})."
        )
    gaps = bool(np.isnan(values).any())
    return RDMs(values, _short(names), {**own, **labels}, "euclidean", gaps)


def _short(names: list[str]) -> list[str]:
    """Without endings of files, where these tell no two apart."""
    known = (*picture_suffixes(), *_OTHERS)
    short = [
        name[: -len(end)] if (end := Path(name).suffix) and end.lower() in known else name
        for name in names
    ]
    return short if len(set(short)) == len(names) else names
