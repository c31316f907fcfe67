"""Responses of mouse V1 to gratings of many orientations (Stringer et al., 2021)."""

from pathlib import Path

import numpy as np

from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.data.trials import group_means
from isocortex.datasets import simulated
from isocortex.datasets.download import cache, digest, download, is_file_of
from isocortex.datasets.folders import local_folders
from isocortex.errors import FormatError, InputError, MissingDependencyError, NotFoundError
from isocortex.makers.parameters import named
from isocortex.reading import reading
from isocortex.store.npz import npz_keys, read_npz

FILE = "W3D4_stringer_oribinned1.npz"
URL = "https://osf.io/683xc/download"
MD5 = "436599dfd8ebe6019f066c38aed20580"
NAME = "stringer_orientation"
WHAT = "an npz file of plain arrays of a recording"


@door
def load_orientation_responses(
    path_or_name: str | Path = NAME,
    bin_width: float = 1,
    *,
    md5: str | None = None,
    or_simulated: bool = False,
) -> Responses:
    """Responses of neurons in mouse V1 to gratings, averaged in bins of orientation.

    The recording [1]_ has some 20 000 neurons, z-scored over stimuli, so that negative
    numbers are usual. Orientations above 180 degrees (the second half turn) are left out, and
    90 is taken off: 0 is vertical, positive tilts to the right, as in :func:`gratings`.

    Parameters
    ----------
    path_or_name : path or str, default="stringer_orientation"
        A file ``.npz`` with the arrays ``resp`` (n_stimuli, n_neurons) and ``stimuli``
        (n_stimuli,) in degrees from 0 to 360; or the name of the recording, which is looked
        for in the folder of the environment variable ``ISOCORTEX_DATA`` and otherwise fetched
        from the Open Science Framework, once.
    bin_width : float, default=1
        In degrees; responses in a bin are averaged and called by the mean of its orientations.
        The recording comes in bins of one degree, which are left as they are.
    md5 : str, optional
        The hash that the file must have. That of the recording is known, and is asked of any
        file with its name (W3D4_stringer_oribinned1.npz).
    or_simulated : bool, default=False
        Whether a small simulated stand-in is returned where the recording is not on this machine
        and cannot be fetched; it says so (label ``data``: ``simulated``).
        A file that is there is always read, or told to be damaged; a path is never replaced.
        In it 500 neurons prefer orientations all round, with the same width of tuning on average.

    Returns
    -------
    Responses, shape (n_bins, n_neurons)
        The stimuli are called ``orientation=-89.5`` …, as those of :func:`gratings` are;
        :func:`stimulus_values` gives the numbers. Labels: region ``V1``.

    Raises
    ------
    NotFoundError
        If the file is not there, or cannot be fetched because there is no internet.
    FormatError
        If its hash is wrong, it is no archive of plain arrays, or an array is missing.

    See Also
    --------
    gratings : Stimuli with the same names.
    stimulus_values : The orientations of the rows.
    tuning_curves : Of each neuron.

    References
    ----------
    .. [1] Stringer, Michaelos, Tsyboulski, Lindo & Pachitariu (2021), High-precision coding in
       visual cortex, Cell 184:2767. https://doi.org/10.1016/j.cell.2021.03.042

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> import isocortex as ic
    >>> degrees = np.arange(0.5, 180, 1.0)
    >>> neurons = np.random.default_rng(0).normal(size=(180, 50))
    >>> with TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/mouse.npz", resp=neurons, stimuli=degrees)
    ...     v1 = ic.load_orientation_responses(f"{folder}/mouse.npz", bin_width=10)
    >>> v1.values.shape, v1.stimuli[0]
    ((18, 50), 'orientation=-85')
    """
    if not bin_width > 0:
        raise InputError(
            f"load_orientation_responses: bin_width must be positive, not {bin_width}."
        )
    try:
        path = _find(path_or_name)
    except (NotFoundError, MissingDependencyError):
        if not or_simulated or str(path_or_name) != NAME:
            raise
        angles = np.arange(0.5, 180, bin_width)
        measured = simulated.orientations(angles)
        return Responses(
            measured, named("orientation", angles - 90), labels={"region": "V1", **simulated.SAID}
        )
    _check_hash(path, MD5 if md5 is None and path.name == FILE else md5)
    with reading(path, WHAT, alone=True):
        measured, angles = _read(path)
        if bin_width > 1:
            measured, angles = _binned(measured, angles, bin_width)
        half = angles <= 180
        names = named("orientation", angles[half] - 90)
        return Responses(measured[half], names, labels={"region": "V1"})


def _find(path_or_name: str | Path) -> Path:
    if str(path_or_name) != NAME:
        path = Path(path_or_name).expanduser()
        if not path.is_file():
            raise NotFoundError(
                f"There is no file {str(path)!r}. Give the path of the npz file, or the name "
                f"{NAME!r} to have the mouse V1 recording fetched."
            )
        return path
    for folder in local_folders(NAME):
        if (folder / FILE).is_file():
            return folder / FILE
    advice = (
        f"Otherwise bring the file {FILE} here and give its path, or put it in the folder that "
        "ISOCORTEX_DATA names. simulate_responses() makes a stand-in."
    )
    return download(URL, f"md5:{MD5}", cache() / FILE, f"the recording {NAME!r}", advice)


def _check_hash(path: Path, md5: str | None) -> None:
    if md5 is None or is_file_of(path, f"md5:{md5}"):
        return
    found = digest(path, "md5:").removeprefix("md5:")
    raise FormatError(
        f"{str(path)!r} has the md5 {found}, but {md5} is expected: it is damaged, or "
        f"another file. Fetch it again from {URL}."
    )


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    archive = read_npz(path, WHAT, ("resp", "stimuli").__contains__)
    missing = [key for key in ("resp", "stimuli") if key not in archive]
    if missing:
        raise FormatError(
            f"{str(path)!r} has no array {missing[0]!r}; it has "
            f"{', '.join(npz_keys(path, WHAT)) or 'none'}. Needed: resp and stimuli."
        )
    measured, angles = archive["resp"], np.ravel(archive["stimuli"])
    if measured.ndim != 2 or len(measured) != len(angles) or not len(angles):
        raise FormatError(
            f"{str(path)!r}: resp has shape {measured.shape} and stimuli {angles.shape}; "
            "needed are (n_stimuli, n_neurons) and (n_stimuli,)."
        )
    return measured, angles.astype(np.float64)


def _binned(
    measured: np.ndarray, angles: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray]:
    codes = np.unique(np.digitize(angles, np.arange(0, 360 + width, width)), return_inverse=True)[1]
    means, _ = group_means(measured, codes)
    at, _ = group_means(angles[:, None], codes)
    return means.astype(measured.dtype, copy=False), at[:, 0]
