"""The verb ``read``: whatever a path holds, as the noun that it is."""

from pathlib import Path
from typing import Any

from isocortex.data.needs import door
from isocortex.files.formats import format_of, read_as


@door
def read(path: str | Path, **options: Any) -> Any:
    """Read a noun that :func:`save` has written, or any file that a reader takes.

    The name of the file says what it is; for what :func:`save` has written, the file itself.

    ===============================  =======================================================
    ``.npz``                         the noun that was saved (or RDMs of :func:`write_rdms`)
    ``.zarr``, folder of a store     :class:`Store`
    folder of images                 :meth:`Stimuli.from_folder`
    ``.csv``, ``.tsv``               :meth:`Stimuli.from_csv`, or of words and their onsets
                                     :meth:`Stimuli.from_words`
    ``.TextGrid``, ``.lab``          :meth:`Stimuli.from_words`
    ``.wav``, ``.flac``, ``.mp3`` …  :meth:`Stimuli.from_audio`
    ``.mp4``, ``.mov``, ``.mkv`` …   :meth:`Stimuli.from_video`
    ``.nii``, ``.nii.gz``, ``.mgz``  :func:`read_nifti`
    ``.dscalar.nii`` and the like    :func:`read_cifti`, also of parcels (``.pscalar.nii``)
    ``.gii``                         :func:`read_gifti`
    ``lh.thickness``, ``.annot``     :func:`read_surface`, also mgh and mgz on a mesh
    ``.fif``                         :func:`read_epochs`
    ``.h5``, ``.mat``                :func:`read_bdata`, of Meadows :func:`read_meadows`
    ``.nwb``, ``.nc``                :func:`read_nwb`, :func:`read_netcdf`
    ``.act.h5``, ``.rdm.h5`` …       the formats of DNNBrain
    ===============================  =======================================================

    Parameters
    ----------
    path : path
        A file or folder.
    **options
        What the reader takes beside the path: ``mask=`` and ``stimuli=`` of :func:`read_nifti`.

    Returns
    -------
    noun
        What was saved, equal in every bit: names with what is known of them, the order of
        layers, columns of all types. Arrays cannot be written to.

    Raises
    ------
    NotFoundError
        If there is nothing at the path.
    InputError
        If the file is of no known kind, or its reader does not take an option.
    FormatError
        If it is damaged, foreign or of a newer version; a single changed bit is found.
    StorageError
        If there is too little memory for it.

    See Also
    --------
    save : Writes any noun.
    read_volumes : Time series, in which a stimulus comes many times.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> v1 = ic.Responses([[1.0, 2.0], [0.5, 0.1]], ["cat", "dog"], labels={"region": "V1"})
    >>> with TemporaryDirectory() as folder:
    ...     path = ic.save(v1, f"{folder}/v1.npz")
    ...     ic.read(path)
    Responses(2 stimuli x 2 units, float64, region='V1')
    """
    path = Path(path)
    return read_as(path, format_of(path), **options)
