"""The verb ``report``: one page that shows what came out of a study."""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from isocortex.choice import visible
from isocortex.data.needs import door
from isocortex.errors import InputError
from isocortex.pages.charts import colours_of, heat_map, profile, ranking
from isocortex.pages.content import Content, content_of
from isocortex.pages.packed import text_of
from isocortex.pages.words import in_short, in_words, of_a_unit, references
from isocortex.store.atomic import whole
from isocortex.study.result import StudyResult
from isocortex.study.results import versions

SCRIPTS = ("page.js", "table.js", "brain.js", "start.js")
NIIVUE = "niivue.umd.js.gz"
NO_HIERARCHY = (
    "There is none: the Brain Hierarchy score needs an encoding or decoding that keeps the scores "
    "of single units (maps = true), by correlation, of two or more regions that the study lists "
    "in the order of the hierarchy; the order of best layers needs three."
)
RUNTIME = {"VEGA": "vega.min.js", "LITE": "vega-lite.min.js", "EMBED": "vega-embed.min.js"}


@door
def report(result: StudyResult, path: str | Path) -> Path:
    """Write a page that shows what came out of a study.

    One file, which holds all it needs and asks nothing of any network: for each method and region
    the profile of the layers with their intervals and the noise ceiling, a map of layers by
    regions, networks ranked with intervals and tests of their differences, dissimilarity
    matrices on a click, a table to sort and filter, the methods in words with what to cite, what
    failed and why,
    and the study file. It can be read in light and dark, on a phone, by keyboard, and printed.

    Parameters
    ----------
    result : StudyResult
        From :func:`run`.
    path : path
        Must end in ``.html``.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If the name ends otherwise, or there is not one number to show.
    StorageError
        If it cannot be written.

    See Also
    --------
    run : Makes the result.
    view : A page of one map.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> text = '''
    ... study = {name = "digits"}
    ... stimuli = {dataset = "digits69"}
    ... network = [{name = "cifar10_resnet20", weights = "random", layers = ["conv1", "linear"]}]
    ... recording = [{name = "fMRI", dataset = "digits69"}]
    ... method = [{name = "RSA", kind = "rsa"}]
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     page = ic.report(ic.run(ic.Study.from_text(text, folder)), f"{folder}/report.html")
    ...     page.name, page.stat().st_size > 800_000
    ('report.html', True)
    """
    path = Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"report writes a page; the name {path.name!r} must end in .html.")
    if not result.table()["score"].notna().to_numpy().any():
        raise InputError(
            f"The study {result.study.name!r} has no number to show yet; .failed has the reasons."
        )
    page = html_of(result)
    with whole(path) as draft:
        draft.write_text(page, encoding="utf-8")
    return path


def html_of(result: StudyResult) -> str:
    """The whole page of a result, as text."""
    found = content_of(result)
    for method in found.methods:
        _with_charts(method, result)
    level = result.study.settings.statistics.level
    content = {
        "methods": found.methods,
        "pictures": dict(found.pictures),
        "brains": dict(found.brains.about),
        "level": f"{100 * level:g} %",
    }
    left = found.left
    return filled(
        asset("page.html"),
        {
            "TITLE": text(result.study.name),
            "LEAD": _lead(result),
            "LEFT": f"{left} rows of single people are in the Parquet file only. " if left else "",
            "METHODS": _methods(result, found),
            "LOST": _lost(result, found.notes),
            "CLICK": _on_click(found),
            "HIERARCHY": escape(NO_HIERARCHY),
            "STUDY": text(result.study.text, lines=True),
            "VERSIONS": text("\n".join(f"{k} {v}" for k, v in versions().items()), lines=True),
            "CONTENT": text_of(content).replace("<", "\\u003c"),
            "TABLE": found.table,
            "VOXELS": found.brains.values,
            "NIIVUE": base64.b64encode(asset_bytes(NIIVUE)).decode() if found.brains.values else "",
            "CSS": asset("page.css"),
            "JS": "\n".join(asset(name) for name in SCRIPTS),
            **{name: asset(file) for name, file in RUNTIME.items()},
        },
    )


def _with_charts(method: dict[str, Any], result: StudyResult) -> None:
    """What of a method follows from its settings."""
    settings = next(each for each in result.study.settings.method if each.name == method["name"])
    short = in_short(settings)
    method["words"] = in_words(settings)
    method["unit_short"] = short
    method["unit_of_voxel"] = of_a_unit(settings)
    method["colours"] = colours_of(method["networks"])
    method["charts"] = {
        "profile": profile(short, method["networks"]),
        "map": heat_map(short, method["regions"]),
        "ranking": ranking(short, method["networks"]),
    }


def _on_click(found: Content) -> str:
    shown = [
        *(["dissimilarity matrices"] if found.pictures else []),
        *(["its map on the brain"] if found.brains.values else []),
    ]
    return " and ".join(shown) or "its numbers"


def filled(template: str, parts: Mapping[str, str]) -> str:
    """A template with its parts, of which none is looked at for further ones."""
    return re.sub(r"%([A-Z]+)%", lambda found: parts[found[1]], template)


def asset(name: str) -> str:
    """A file that the page is made of."""
    return files("isocortex.pages").joinpath("assets", name).read_text(encoding="utf-8")


def asset_bytes(name: str) -> bytes:
    """A file that the page is made of and that is no text."""
    return files("isocortex.pages").joinpath("assets", name).read_bytes()


def text(given: str, lines: bool = False) -> str:
    """Text for HTML; codes for a terminal are shown, not obeyed."""
    rows = given.split("\n") if lines else [given]
    return "\n".join(escape(visible(row)) for row in rows)


def _lead(result: StudyResult) -> str:
    plan = result.plan
    layers = sum(len(each.layers) for each in plan.extractions)
    table = result.table()
    held: Any = table[table["subject"].notna()]
    people = held.groupby("recording", observed=True)["subject"].nunique()
    who = " and ".join(f"{_count(int(n), 'subject')} in {name}" for name, n in people.items())
    said = (
        f"{_count(len(plan.extractions), 'network')} with {_count(layers, 'layer')}, "
        f"{_count(len(plan.stimuli), 'stimulus', 'stimuli')}, {who}, "
        f"{_count(plan.n_done, 'number')}"
    )
    lost = plan.n_tasks - plan.n_done
    return text(said) + (
        f'; {lost} are missing, <a href="#lost-part">see why</a>.' if lost else "."
    )


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _methods(result: StudyResult, found: Content) -> str:
    inferred = any("wide_low" in row for each in found.methods for row in each["ranked"])
    hierarchy = any(each["hierarchy"] for each in found.methods)
    items = [
        f"<h3>{text(each.name)}</h3><p class='note'>{escape(in_words(each))}</p>"
        for each in result.study.settings.method
    ]
    cited = "".join(
        f"<li>{escape(paper.text.removesuffix(paper.link).rstrip())} "
        f'<a href="{escape(paper.link)}">{escape(paper.link)}</a></li>'
        for paper in references(result, inferred, hierarchy)
    )
    return "".join(items) + f"<h3>To cite</h3><ul class='note'>{cited}</ul>"


def _lost(result: StudyResult, left_out: Sequence[str]) -> str:
    failed = result.failed.groupby("reason", sort=False)["task"].agg(list)
    rows = [(str(reason), _some(list(tasks))) for reason, tasks in failed.items()]
    rows += _notes(result.table()["notes"].dropna())
    rows += [(each, "of this page only") for each in left_out]
    if not rows:
        return "<p class='note'>Nothing: every number is there, without a warning.</p>"
    body = "".join(f"<li>{text(what)} <em>({text(where)})</em></li>" for what, where in rows)
    return f"<ul class='note'>{body}</ul>"


def _notes(notes: Iterable[str]) -> list[tuple[str, str]]:
    """Warnings that differ in their numbers only are one, with the first as an example."""
    kinds: dict[str, list[str]] = {}
    for note in notes:
        kinds.setdefault(re.sub(r"[0-9.]+", "0", note), []).append(note)
    return [
        (
            of[0],
            f"warned of in {_count(len(of), 'task')}"
            + (", with other numbers in others" if len(set(of)) > 1 else ""),
        )
        for of in kinds.values()
    ]


def _some(tasks: Sequence[Any]) -> str:
    return f"{tasks[0]} and {len(tasks) - 1} more" if len(tasks) > 1 else str(tasks[0])
