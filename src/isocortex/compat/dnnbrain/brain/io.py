"""``dnnbrain.brain.io``: brain images as arrays (n_volumes, x, y, z)."""

from pathlib import Path
from typing import Any

import numpy as np

from isocortex.errors import InputError
from isocortex.formats.files import open_image, pixels
from isocortex.formats.gifti import gifti_rows
from isocortex.formats.nifti import mgh_image, nifti_image
from isocortex.formats.space import Volume
from isocortex.store.atomic import whole

VOLUMES = (".nii.gz", ".nii", ".mgz", ".mgh")
CIFTI = (".dscalar.nii", ".dlabel.nii", ".dtseries.nii")


def load_brainimg(imgpath: Any, ismask: bool = False) -> tuple[np.ndarray, Any]:
    """Read an image.

    Parameters
    ----------
    imgpath : path
        .nii, .nii.gz, .mgz, .mgh, .gii, or dense CIFTI.
    ismask : bool, default=False
        Of a mask the one volume is returned, without a first axis.

    Returns
    -------
    array, shape (n_volumes, x, y, z) or (x, y, z)
        Surfaces and CIFTI are (n_volumes, n_units, 1, 1), and as a mask (n_units, 1, 1).
    header
        For :func:`save_brainimg`.
    """
    kind, name = _kind(imgpath), "load_brainimg"
    image = open_image(imgpath, name)
    if kind == "gifti":
        rows, header = gifti_rows(image, name), image.meta
        data = rows[:, :, None, None]
    elif kind == "cifti":
        data = pixels(image, name)[:, :, None, None]
        header = (image.header.get_axis(0), image.header.get_axis(1))
    else:
        values, header = pixels(image, name), image.header
        data = values.reshape(*values.shape[:3], -1).transpose(3, 0, 1, 2)
    if not ismask:
        return data, header
    if len(data) != 1:
        raise InputError(f"{str(imgpath)!r} has {len(data)} volumes; a mask has one.")
    return data[0], header


def save_brainimg(imgpath: Any, data: Any, header: Any) -> None:
    """Write volumes as float32, with the affine of a header.

    Parameters
    ----------
    imgpath : path
    data : array, shape (n_volumes, x, y, z)
    header
        Which :func:`load_brainimg` returned.
    """
    data = np.asarray(data, dtype=np.float32)
    if data.ndim != 4:
        raise InputError(f"save_brainimg needs (n_volumes, x, y, z), not {data.shape}.")
    make = {"gifti": _gifti, "cifti": _cifti, "volume": _volume, "mgh": _mgh}[_kind(imgpath)]
    image = make(data, header)
    with whole(imgpath) as draft:
        image.to_filename(draft)


def extract_brain_activation(
    brain_img: Any, mask: Any, roi_labels: Any, method: str = "mean"
) -> list[np.ndarray]:
    """The responses of regions: (n_volumes,) each, or with ``"voxel"`` (n_volumes, n_voxels).

    Parameters
    ----------
    brain_img : array, shape (n_volumes, x, y, z)
    mask : array, shape (x, y, z)
    roi_labels : sequence of int
    method : {"mean", "max", "std", "voxel"}
    """
    from isocortex.choice import choose
    from isocortex.transform.regions import STATISTICS

    brain_img, mask = np.asarray(brain_img), np.asarray(mask)
    if brain_img.shape[1:] != mask.shape:
        raise InputError(
            f"The mask has shape {mask.shape}, but the volumes have {brain_img.shape[1:]}."
        )
    choices = {**STATISTICS, "voxel": lambda values: values}
    statistic = choose(method, choices, "method")
    found = []
    for label in roi_labels:
        inside = mask == label
        if not inside.any():
            raise InputError(f"No voxel of the mask has the label {label!r}.")
        found.append(statistic(brain_img[:, inside]))
    return found


def _kind(imgpath: Any) -> str:
    name = Path(imgpath).name
    if name.endswith(CIFTI):
        return "cifti"
    if name.endswith((".mgz", ".mgh")):
        return "mgh"
    if name.endswith(VOLUMES):
        return "volume"
    if name.endswith(".gii") and not name.endswith(".surf.gii"):
        return "gifti"
    raise InputError(
        f"{name!r} is no image that is known: {', '.join((*VOLUMES, '.gii', *CIFTI))}."
    )


def _volume(data: np.ndarray, header: Any) -> Any:
    affine = header.get_best_affine()
    return nifti_image(data.transpose(1, 2, 3, 0), Volume(_xyz(data), affine, header))


def _mgh(data: np.ndarray, header: Any) -> Any:
    affine = header.get_best_affine()
    return mgh_image(data.transpose(1, 2, 3, 0), Volume(_xyz(data), affine, header))


def _xyz(data: np.ndarray) -> tuple[int, int, int]:
    return (data.shape[1], data.shape[2], data.shape[3])


def _gifti(data: np.ndarray, header: Any) -> Any:
    from nibabel.gifti.gifti import GiftiDataArray, GiftiImage

    image = GiftiImage(meta=header)
    for row in data[:, :, 0, 0]:
        image.add_gifti_data_array(
            GiftiDataArray(np.ascontiguousarray(row), "NIFTI_INTENT_NONE", "NIFTI_TYPE_FLOAT32")
        )
    return image


def _cifti(data: np.ndarray, header: Any) -> Any:
    from nibabel.cifti2.cifti2 import Cifti2Image
    from nibabel.cifti2.cifti2_axes import ScalarAxis

    names = ScalarAxis([f"map {i + 1}" for i in range(len(data))])
    return Cifti2Image(data[:, :, 0, 0], header=(names, header[1]))
