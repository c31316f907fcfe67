"""Paths that a study names: with fields for subject and region, within its folder."""

import re
from collections.abc import Mapping
from pathlib import Path

from isocortex.errors import InputError, NotFoundError
from isocortex.reading import leads_out

_FIELD = re.compile(r"\{(subject|region)\}")


def matching(folder: Path, pattern: str) -> list[tuple[Path, Mapping[str, str]]]:
    """Files whose paths are like a pattern, with what stands in place of its fields.

    Raises
    ------
    InputError
        If the pattern leads out of the folder or has other fields.
    NotFoundError
        If there is none.
    """
    shown = _FIELD.sub("*", pattern)
    if "{" in shown or "}" in shown:
        raise InputError(f"{pattern!r} may have the fields {{subject}} and {{region}} only.")
    inside(folder, shown.replace("*", "x"))
    fields: list[str] = []
    expression = ""
    for part in re.split(r"(\{subject\}|\{region\})", pattern):
        if not _FIELD.fullmatch(part):
            expression += re.escape(part)
        elif part in fields:
            expression += f"(?P={part[1:-1]})"
        else:
            fields.append(part)
            expression += f"(?P<{part[1:-1]}>[^/]+)"
    root = Path(Path(shown).anchor or folder)
    found = []
    for path in sorted(root.glob(shown.removeprefix(Path(shown).anchor))):
        shape = path.relative_to(folder) if root == folder else path
        match = re.fullmatch(expression, shape.as_posix())
        if match:
            found.append((path, match.groupdict()))
    if not found:
        raise NotFoundError(f"there is no file {pattern!r} in {str(folder)!r}.")
    return found


def inside(folder: Path, path: str) -> Path:
    """Paths in a study are the user's own, and may be absolute; they may not climb by '..'."""
    if not Path(path).is_absolute() and leads_out(path):
        raise InputError(
            f"{path!r} leads out of the study's folder; write the whole path, from the root, if "
            "that is meant."
        )
    return folder / path


def filled(pattern: str, said: Mapping[str, str]) -> str:
    """A pattern with what is known of its fields."""
    for name, value in said.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern
