"""Which tier of a TextGrid holds the words, and which labels are silence."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from isocortex.choice import listed, suggestion
from isocortex.data.words.textgrid import TextGrid, Tier
from isocortex.errors import InputError

SILENT = frozenset(
    ("", "sp", "sil", "spn", "br", "lg", "ls", "ns", "cg", "ig", "sl", "<p>", "<unk>", "<eps>")
)
"""What aligners write where nobody speaks; so is whatever stands in {braces} or [brackets]."""

_NOISE = re.compile(r"\{.*\}|\[.*\]", re.DOTALL)
_WORDS = re.compile(r"words?", re.IGNORECASE)
_OF_SPEAKER = re.compile(r"(?P<speaker>.+?)\s*[-_:]\s*words?", re.IGNORECASE)
_PHONES = re.compile(r"(.*[-_: ])?(phones?|phonemes?|segments?)", re.IGNORECASE)


def is_silence(label: str) -> bool:
    """Whether a label says that nobody speaks, or nothing that is a word."""
    bare = label.strip().lower()
    return bare in SILENT or _NOISE.fullmatch(bare) is not None


def silences(labels: Iterable[str]) -> dict[str, int]:
    """How often each label of silence stands there, the most frequent first."""
    return dict(Counter(each.strip() for each in labels if is_silence(each)).most_common())


def word_tiers(grid: TextGrid, tier: str | Sequence[str] | None, who: str) -> dict[str, Tier]:
    """The tiers of words by speaker, who is "" where only one tier holds words.

    One that is called ``word`` or ``words``; else those whose names end so, one for each speaker;
    else the one with most intervals that is not of phones or segments.

    Parameters
    ----------
    grid : TextGrid
    tier : str or sequence of str, optional
        Which ones; several are speakers.
    who : str
        For errors.

    Raises
    ------
    InputError
        If there is no such tier, or several fit equally.
    """
    with_intervals = [each for each in grid.tiers if each.kind == "intervals"]
    if not with_intervals:
        raise InputError(f"{who}: it has no tier of intervals, so there are no words with times.")
    if tier is not None:
        names = [tier] if isinstance(tier, str) else list(tier)
        chosen = [_named(with_intervals, name, who) for name in names]
        return {"": chosen[0]} if isinstance(tier, str) else _by_speaker(chosen, who)
    exact = [each for each in with_intervals if _WORDS.fullmatch(each.name.strip())]
    if exact:
        return {"": _only(exact, who)}
    speakers = [each for each in with_intervals if _OF_SPEAKER.fullmatch(each.name.strip())]
    if speakers:
        return _by_speaker(speakers, who)
    rest = [each for each in with_intervals if not _PHONES.fullmatch(each.name.strip())]
    if not rest:
        raise InputError(
            f"{who}: no tier is one of words: {_told(with_intervals)}. Name one with tier=…"
        )
    most = max(len(each.entries) for each in rest)
    return {"": _only([each for each in rest if len(each.entries) == most], who)}


def _named(tiers: Sequence[Tier], name: str, who: str) -> Tier:
    found = [each for each in tiers if each.name == name]
    if not found:
        near = suggestion(name, [each.name for each in tiers])
        raise InputError(f"{who}: there is no tier {name!r}. {near}There are: {_told(tiers)}.")
    return _only(found, who)


def _only(tiers: Sequence[Tier], who: str) -> Tier:
    if len(tiers) > 1:
        raise InputError(
            f"{who}: {len(tiers)} tiers could be the words: {_told(tiers)}. Name one with tier=…, "
            "or several, one for each speaker, with tier=[…]."
        )
    return tiers[0]


def _by_speaker(tiers: Sequence[Tier], who: str) -> dict[str, Tier]:
    names = []
    for each in tiers:
        match = _OF_SPEAKER.fullmatch(each.name.strip())
        names.append(match["speaker"] if match else each.name.strip())
    if len(set(names)) < len(names):
        raise InputError(f"{who}: two tiers are of one speaker: {_told(tiers)}. Give tier=…")
    return dict(zip(names, tiers, strict=True))


def _told(tiers: Sequence[Tier]) -> str:
    return listed((f"{each.name} ({len(each.entries)} intervals)" for each in tiers), 12)
