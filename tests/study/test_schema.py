"""What a study file may not say is one sentence for each value, with its line."""

import time
import typing

import pytest

import isocortex as ic

pytest.importorskip("pydantic")

from isocortex.study.settings import METHODS, Cluster, Settings, Statistics
from isocortex.study.sources import Bids, NetworkSource, RecordingSource, Series, StimuliSource

TABLES = {
    "study": 'name = "x"',
    "stimuli": 'folder = "images"',
    "[network]": 'name = "r"',
    "[recording]": 'name = "b"\nfiles = "a.npz"',
    "[method]": 'name = "m"\nkind = "rsa"',
}
BIDS = {
    "[recording]": 'name = "b"',
    "recording.bids": 'root = "raw"\nbetas = "lsa"',
}
CLUSTER = 'scheduler = "slurm"\njobs = 1'
PLACES = {
    StimuliSource: "stimuli",
    NetworkSource: "[network]",
    RecordingSource: "[recording]",
    Bids: "recording.bids",
    Series: "recording.series",
    Statistics: "statistics",
    Cluster: "cluster",
    Settings.model_fields["study"].annotation: "study",
}


def text_with(place, row="", kind="rsa"):
    """A study in which a table has one row more, and the number of that row."""
    tables = dict(TABLES)
    if place == "recording.bids":
        tables |= {"[recording]": BIDS["[recording]"]}
    order = []
    for name, rows in tables.items():
        order.append((name, rows.replace('"rsa"', f'"{kind}"')))
        if name == "[recording]" and place.startswith("recording."):
            order.append((place, BIDS.get(place, "")))
    if place in ("statistics", "cluster"):
        order.append((place, CLUSTER if place == "cluster" else ""))
    lines, line = [], None
    for name, rows in order:
        lines += [f"[{name}]", *rows.splitlines()]
        if name == place:
            lines.append(row)
            line = len(lines)
    return "\n".join(lines), line


def problems(text):
    with pytest.raises(ic.InputError) as found:
        ic.Study.from_text(text, ".")
    return [(each.line, each.what) for each in found.value.problems]


def models_in(annotation):
    """All models that a file's tables are of, wherever they stand."""
    if hasattr(annotation, "model_fields"):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for each in typing.get_args(annotation):
        yield from models_in(each)


KEYS = [
    *((place, "rsa", key) for model, place in PLACES.items() for key in model.model_fields),
    *(("[method]", kind, key) for kind, model in METHODS.items() for key in model.model_fields),
]


def test_all_tables_of_the_schema_are_tried():
    assert set(models_in(Settings)) == {Settings, *PLACES, *METHODS.values()}


@pytest.mark.parametrize(("place", "kind", "key"), KEYS)
def test_every_key_misspelt_is_told_with_the_right_one(place, kind, key):
    text, line = text_with(place, f"{key[0]}{key} = 1", kind)
    (found,) = problems(text)
    assert found[0] == line
    assert f"{key[0]}{key} is not known. Did you mean '{key}'?" in found[1]


@pytest.mark.parametrize("key", Settings.model_fields)
def test_every_table_misspelt_is_told_with_the_right_one(key):
    text, _ = text_with("study")
    found = problems(f"{text}\n[{key}x]\n")
    assert found == [(len(text.splitlines()) + 1, found[0][1])]
    assert f"{key}x is not known. Did you mean '{key}'?" in found[0][1]


@pytest.mark.parametrize("kind", METHODS)
def test_a_kind_misspelt_is_told_with_the_right_one(kind):
    text, _ = text_with("study", "", kind[:-1] + kind[-1] * 2)
    (found,) = problems(text)
    assert f"is no method. Did you mean '{kind}'?" in found[1]
    assert text.splitlines()[found[0] - 1].startswith("kind")


SEVERAL_KINDS = [
    ("[network]", "layers = 3", ["layers: 3 without quotes is a number; as text it is"]),
    ("[network]", 'layers = ["a", 3]', ["layers[2]: 3 without quotes is a number"]),
    ("[network]", "layers = [1, true]", ["layers[1]: 1 without", "layers[2]: true without"]),
    ("[network]", "layers = {a = 1}", ["layers: it should be text or a list (it is {'a': 1})"]),
    ("[network]", 'context = "growin"', ["Did you mean 'growing'"]),
    (
        "[network]",
        "context = 1.5",
        ["context: it should be a whole number or 'growing' (it is 1.5"],
    ),
    ("stimuli", "words = [3]", ["words[1]: 3 without quotes is a number"]),
    (
        "recording.bids",
        "confounds = 3",
        ["confounds: it should be a list or 'simple', 'scrubbing'"],
    ),
    ("recording.bids", 'confounds = "simpel"', ["Did you mean 'simple'"]),
    ("recording.bids", 'confounds = ["a", 3]', ["confounds[2]: 3 without quotes is a number"]),
    ("recording.bids", "confounds = {a = {b = 1}}", ["confounds.a: it should be text or a number"]),
    ("recording.bids", "entities = {ses = 1}", ["entities.ses: 1 without quotes is a number"]),
    ("recording.bids", 'lag = "hr"', ["Did you mean 'hrf'"]),
    ("[method]", "permutations = 1.5", ["permutations: input should be a valid integer"]),
]


@pytest.mark.parametrize(("place", "row", "said"), SEVERAL_KINDS)
def test_a_value_that_may_be_of_several_kinds_is_told_once(place, row, said):
    text, line = text_with(place, row)
    found = problems(text)
    assert [each[0] for each in found] == [line] * len(said)
    for (_, what), words in zip(found, said, strict=True):
        assert words in what


@pytest.mark.parametrize(
    ("given", "written"),
    [("2026-11-26", "2026-11-26"), ("07:30:00", "07:30:00"), ("1.5", "1.5"), ("true", "true")],
)
@pytest.mark.parametrize("row", ["subjects = [{}]", "dataset = {}", 'regions = ["a", {}]'])
def test_text_without_quotes_is_told_to_want_them(row, given, written):
    text, line = text_with("[recording]", row.format(given))
    (found,) = problems(text)
    assert found[0] == line
    assert f"{given} without quotes is a " in found[1]
    assert f'as text it is "{written}"' in found[1]


def test_the_line_of_a_long_file_is_found_at_once():
    names = "\n".join(f'"layer {i}",' for i in range(20_000))
    text, line = text_with("[network]", f"layers = [\n{names}\n]\nlayer = 3")
    before = time.process_time()
    ((found, what),) = problems(text)
    assert found == line + 20_002
    assert "Did you mean 'layers'?" in what
    assert time.process_time() - before < 5


def test_a_large_file_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "study.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    before = time.process_time()
    with pytest.raises(
        ic.FormatError, match=r"'.*study.toml' is no study file: it has 50 MB.*1 MB"
    ):
        ic.Study.from_toml(path)
    assert time.process_time() - before < 0.5
