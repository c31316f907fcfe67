"""Time series of volumes, meshes and grayordinates, in which a stimulus comes many times."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from isocortex.data.needs import door
from isocortex.data.stimuli import Stimuli
from isocortex.data.trials import Trials
from isocortex.errors import InputError
from isocortex.formats.cifti import cifti_units
from isocortex.formats.files import open_image, row_names, several
from isocortex.formats.gifti import vertices
from isocortex.formats.nifti import voxels
from isocortex.formats.opened_images import WHAT
from isocortex.formats.surface import cortex, is_of_sides
from isocortex.reading import reader
from isocortex.types import ImageLike, Values

Series = ImageLike | Mapping[str, ImageLike]


@door
@reader(WHAT)
def read_volumes(
    image: Series | Sequence[Series],
    mask: ImageLike | Values | Mapping[str, Any] | None = None,
    *,
    stimuli: Stimuli | Iterable[object] | None,
    runs: Values | None = None,
    labels: Mapping[str, Any] | None = None,
    nan: str = "error",
) -> Trials:
    """Read a time series, or betas of single trials, in which a stimulus comes many times.

    Parameters
    ----------
    image : path, nibabel image, mapping, or a list of these
        Volumes as in :func:`read_nifti`, or the time series of a mesh (``.func.gii``), of
        grayordinates (``.dtseries.nii``) or of parcels (``.ptseries.nii``); of both hemispheres
        ``{"left": ..., "right": ...}``, as in :func:`read_surface`. A list is one image for each
        run, in this order.
    mask : path, nibabel image, array or mapping, optional
        As in :func:`read_nifti`, :func:`read_surface` and :func:`read_cifti`; without one, an
        image list must be of equal voxels.
    stimuli : sequence of str
        The stimulus (condition) of each volume, over all images.
    runs : sequence, optional
        The run of each volume; default for a list of images: 1, 2 …
    labels : mapping, optional
        What is true of all of it, such as ``{"subject": 3, "region": "VTC"}``.
    nan : {"error", "drop"}, default="error"
        What to do about voxels that hold NaN: refuse, or leave them out.

    Returns
    -------
    Trials, shape (n_volumes, n_voxels)
        See :func:`isocortex.clean` to take trends out of each run.

    Raises
    ------
    InputError, NotFoundError, FormatError
        As :func:`read_nifti`.

    See Also
    --------
    read_nifti : One volume for each stimulus.
    clean : Takes trends out of each run.
    run_averages, average : One pattern for each stimulus.

    Examples
    --------
    >>> import nibabel
    >>> import numpy as np
    >>> import isocortex as ic
    >>> rng = np.random.default_rng(0)
    >>> runs = [nibabel.Nifti1Image(rng.normal(size=(4, 5, 3, 6)), np.eye(4)) for _ in range(2)]
    >>> trials = ic.read_volumes(runs, stimuli=["face", "house", "rest"] * 4)
    >>> trials.values.shape, trials.conditions, trials.runs.tolist()[5:7]
    ((12, 60), ('face', 'house', 'rest'), [1, 2])
    """
    given = several(image)
    images = [image] if given is None else given
    if not images:
        raise InputError("read_volumes needs at least one image; the list is empty.")
    parts, units = same_units(images, mask, nan, "read_volumes")
    values = np.concatenate(parts)
    names = row_names(stimuli, len(values), "read_volumes")
    if runs is None and len(parts) > 1:
        runs = np.repeat(np.arange(1, len(parts) + 1), [len(each) for each in parts])
    return Trials(values, names or [], runs=runs, units=units, labels=labels)


def same_units(
    images: Sequence[Any], mask: Any, nan: str, who: str
) -> tuple[list[np.ndarray], pd.DataFrame]:
    """The series of each run, shape (n_volumes, n_units), and the units that all have.

    Raises
    ------
    InputError
        If the units of a run are others, or there is no image.
    """
    found = [series(each, mask, nan, who) for each in images]
    units = found[0][1]
    for _, other in found[1:]:
        if not other.equals(units):
            raise InputError(
                f"{who}: the images of the runs do not have the same voxels or vertices; give a "
                "mask that fits all of them."
            )
    return [values for values, _ in found], units


def series(image: Any, mask: Any, nan: str, who: str) -> tuple[np.ndarray, pd.DataFrame]:
    """What an image of any kind holds, (n_volumes, n_units), and units that know their space."""
    if several(image) is not None:
        return voxels(image, mask, nan, who)
    if is_of_sides(image):
        return cortex(image, mask, nan, who)
    image = open_image(image, who)
    if hasattr(image, "darrays"):
        return vertices(image, mask, nan, who)
    if tuple(image.shape[1:3]) == (1, 1):  # mgh and mgz on a mesh
        return cortex(image, mask, nan, who)
    if type(image).__name__ == "Cifti2Image":
        return cifti_units(image, mask, nan, who)
    return voxels(image, mask, nan, who)
