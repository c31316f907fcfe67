"""The files that belong to a run: its events, confounds, brain mask and descriptions."""

from pathlib import Path

from isocortex.errors import NotFoundError
from isocortex.formats.bids.names import BidsFile, files_in, inherited
from isocortex.formats.bids.timing import described_beside


def files_of(root: Path, file: BidsFile) -> list[Path]:
    """All that a run is read from: the series, and whatever else decides its numbers.

    Raises
    ------
    NotFoundError
        If it has no events.
    """
    confounds = confounds_table(file)
    maybe = [
        file.path,
        file.other,
        described_beside(file),
        inherited(root, file, ("bold",), ".json"),
        events_table(root, file),
        confounds,
        None if confounds is None else confounds.with_suffix(".json"),
        *(each.path for each in brain_masks(file)),
    ]
    return [each for each in maybe if each is not None and each.is_file()]


def events_table(root: Path, file: BidsFile) -> Path:
    """The events of a run.

    Raises
    ------
    NotFoundError
        If there are none.
    """
    table = inherited(root, file, ("events",), ".tsv")
    if table is None:
        raise NotFoundError(
            f"read_bids: there is no table of events (_events.tsv) for {file.path.name!r}, neither "
            f"in the folder of sub-{file.entities['sub']} below {str(root)!r} nor above it."
        )
    return table


def confounds_table(file: BidsFile) -> Path | None:
    """fMRIPrep's confounds of a run, if there are any."""
    found = [
        each
        for each in files_in([file.path.parent])
        if each.suffix in ("timeseries", "regressors")
        and each.entities.get("desc") == "confounds"
        and each.extension == ".tsv"
        and _says_no_more(each, file)
    ]
    return max(found, key=lambda each: len(each.entities)).path if found else None


def brain_masks(file: BidsFile) -> list[BidsFile]:
    """The brain mask of a run, if there is one."""
    return [
        each
        for each in files_in([file.path.parent])
        if each.suffix == "mask"
        and each.entities.get("desc") == "brain"
        and each.extension in (".nii.gz", ".nii")
        and {**each.entities, "desc": ""} == {**file.entities, "desc": ""}
    ][:1]


def _says_no_more(table: BidsFile, file: BidsFile) -> bool:
    return all(
        key == "desc" or file.entities.get(key) == value for key, value in table.entities.items()
    )
