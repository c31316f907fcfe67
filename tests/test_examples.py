"""The examples in the docstrings of public names, and the pages of the gallery."""

import doctest
import importlib
import inspect
import pkgutil
import tempfile
from pathlib import Path

import pytest

import isocortex as ic
from isocortex import errors
from isocortex.errors import MissingDependencyError, NotFoundError

ROOMS = ("isocortex", "isocortex.plots", "isocortex.datasets", "isocortex.features")


def _public():
    names = {}
    for room in map(importlib.import_module, ROOMS):
        for name in room.__all__:
            value = getattr(room, name)
            if inspect.isclass(value) or inspect.isroutine(value):
                names[f"{room.__name__}.{name}"] = value
    for shelf in (errors, ic.regularizers):
        for name, value in vars(shelf).items():
            own = inspect.isclass(value) and value.__module__ == shelf.__name__
            if own and value not in names.values():
                names[f"{shelf.__name__}.{name}"] = value
    return names


PUBLIC = _public()


def _doc(value):
    """A name's own words: those of a parent class would be about another name."""
    return inspect.cleandoc(value.__doc__ or "")


def _section(text, title):
    _, found, after = text.partition(f"\n{title}\n{'-' * len(title)}\n")
    return after if found else ""


class _Runner(doctest.DocTestRunner):
    """What needs data or a package that is absent is skipped, with the sentence that says so."""

    def report_unexpected_exception(self, out, test, example, exc_info):
        kind, problem, _ = exc_info
        no_data = issubclass(kind, NotFoundError) and test.name.startswith("isocortex.datasets.")
        no_package = issubclass(kind, MissingDependencyError | ModuleNotFoundError)
        if no_data or (no_package and not str(problem.name).startswith("isocortex")):
            pytest.skip(str(problem))
        super().report_unexpected_exception(out, test, example, exc_info)


def test_every_public_name_has_an_example_and_neighbours():
    texts = {name: _doc(value) for name, value in PUBLIC.items()}
    assert [name for name, text in texts.items() if ">>> " not in _section(text, "Examples")] == []
    assert [name for name, text in texts.items() if not _section(text, "See Also")] == []


def _neighbours(text):
    for line in _section(text, "See Also").splitlines():
        if not line.strip():
            return
        if not line.startswith(" "):
            yield from (each.strip(" :`") for each in line.split(" : ")[0].split(","))


def _is_there(name, room):
    """Whether a name means something, as the documentation looks it up from a room's page."""
    for start in (name, f"{room}.{name}"):
        if start.startswith("isocortex."):
            try:
                return pkgutil.resolve_name(start) is not None
            except (ImportError, AttributeError):
                continue
    return False


def test_every_neighbour_that_is_named_is_there():
    missing = [
        f"{name}: {other}"
        for name, value in PUBLIC.items()
        for other in _neighbours(_doc(value))
        if not _is_there(other, name.rpartition(".")[0])
    ]
    assert missing == []


def _with_methods():
    """Where examples stand: public names, and those methods of public classes that have one."""
    found = {name: _doc(value) for name, value in PUBLIC.items()}
    for name, value in PUBLIC.items():
        members = vars(value).items() if inspect.isclass(value) else ()
        for member, each in members:
            text = inspect.cleandoc(getattr(each, "__doc__", None) or "")
            if not member.startswith("_") and ">>> " in text:
                found[f"{name}.{member}"] = text
    return found


EXAMPLES = _with_methods()


# Also what is told elsewhere in the suite without a word: an example shows no warning.
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_public_name_runs(name, request, tmp_path, monkeypatch):
    if name.startswith("isocortex.datasets."):
        folder = request.getfixturevalue("shared")  # never from the internet
        monkeypatch.setenv("ISOCORTEX_DATA", str(folder / "data"))
        monkeypatch.setenv("ISOCORTEX_WEIGHTS", str(folder / "weights"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    test = doctest.DocTestParser().get_doctest(EXAMPLES[name], {}, name, None, None)
    said = []
    _Runner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert "".join(said) == ""
    # torch makes its own folder once, wherever temporary files go when it is first imported.
    left = [each.name for each in tmp_path.iterdir() if not each.name.startswith("torchinductor")]
    assert left == []


PAGES = sorted((Path(__file__).parents[1] / "examples").glob("*/plot_*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_a_page_of_the_gallery_is_narrow_and_loads_its_data_by_a_line(page):
    """A column of the gallery shows 72 characters; what stands in for data is the package's."""
    text = page.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 72] == []
    title = text.splitlines()[1]
    assert len(title) <= 40
    assert "NotFoundError" not in text
    assert ":func:`isocortex." in text
    if "ic.datasets." in text or "load_orientation" in text:
        assert "or_simulated=True" in text
        assert "print(" in text
