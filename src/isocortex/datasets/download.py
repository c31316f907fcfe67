"""A file of which the bytes are known: whether it is that one, and how to fetch it once."""

import hashlib
from pathlib import Path
from typing import Any

from isocortex.choice import first_line
from isocortex.errors import FormatError, MissingDependencyError, NotFoundError


def digest(path: Path, hashed: str) -> str:
    """What the bytes of a file hash to, by the algorithm of ``hashed`` (``"sha256:…"``)."""
    algorithm = hashed.split(":")[0]
    return f"{algorithm}:{hashlib.new(algorithm, path.read_bytes()).hexdigest()}"


def is_file_of(path: Path, hashed: str) -> bool:
    """Whether a file has the bytes that hash to ``hashed``."""
    return digest(path, hashed) == hashed


def download(url: str, hashed: str, target: Path, what: str, advice: str) -> Path:
    """Fetch a file into ``target``, unless it is there already, and check its bytes.

    Parameters
    ----------
    url : str
    hashed : str
        ``"sha256:…"`` or ``"md5:…"``: what its bytes must hash to. Other bytes are not kept.
    target : Path
    what : str
        What it is, for the errors.
    advice : str
        What to do where there is no internet.

    Raises
    ------
    MissingDependencyError
        If pooch is not installed.
    NotFoundError
        If it cannot be fetched.
    FormatError
        If other bytes came.
    """
    pooch = _pooch()
    if not target.is_file():
        pooch.get_logger().setLevel("WARNING")
    try:
        pooch.retrieve(url, known_hash=hashed, fname=target.name, path=target.parent)
    except ValueError as error:
        kind = hashed.split(":")[0]
        raise FormatError(
            f"{url} gave other bytes than those that are registered for {target.name!r} of "
            f"{what} (its {kind} differs). Nothing was kept; fetch it later, or by hand."
        ) from error
    except OSError as error:
        raise NotFoundError(
            f"{what} is not on this machine, and {target.name!r} could not be fetched from {url} "
            f"({first_line(error)[:120]}). Are you offline? {advice}"
        ) from error
    return target


def cache() -> Path:
    """The folder on this machine in which fetched files are kept."""
    return Path(_pooch().os_cache("isocortex"))


def _pooch() -> Any:
    try:
        import pooch
    except ImportError:
        raise MissingDependencyError(
            "Fetching data by name needs pooch, which is not installed: "
            "pip install 'isocortex[datasets]'"
        ) from None
    return pooch
