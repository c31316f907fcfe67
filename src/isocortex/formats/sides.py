"""Which hemisphere a word, a name of a file or a GIFTI image means."""

import re
from typing import Any

SIDES = ("left", "right")
_WORDS = {"left": ("l", "lh", "left"), "right": ("r", "rh", "right")}
_PARTS = {
    # FreeSurfer (lh.thickness), BIDS (hemi-L), nilearn (curv_left) and HCP (100307.L.thickness).
    "left": re.compile(r"(?:^|[._-])(?:lh|hemi-l|left)(?=[._-]|$)|\.L(?=\.)", re.IGNORECASE),
    "right": re.compile(r"(?:^|[._-])(?:rh|hemi-r|right)(?=[._-]|$)|\.R(?=\.)", re.IGNORECASE),
}
_STRUCTURES = {"left": "CortexLeft", "right": "CortexRight"}


def side_of_word(word: Any) -> str:
    """``"left"``, ``"right"`` or nothing, of ``lh``, ``L``, ``CORTEX_LEFT`` and the like."""
    word = str(word).lower()
    whole = [side for side in SIDES if word in _WORDS[side]]
    return next(iter(whole or [side for side in SIDES if side in word]), "")


def side_of_name(name: str) -> str:
    """The hemisphere that the name of a file says; nothing if it says none, or both."""
    found = [side for side in SIDES if _PARTS[side].search(name)]
    return found[0] if len(found) == 1 else ""


def structure_of(side: str) -> dict[str, str]:
    """The entry by which GIFTI says it."""
    return {"AnatomicalStructurePrimary": _STRUCTURES[side]} if side else {}
