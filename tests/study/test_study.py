import json
import re
from pathlib import Path

import pytest

import isocortex as ic
from isocortex.study.begin import begin, example
from isocortex.study.problems import Lines
from isocortex.study.settings import Settings

GOOD = """[study]
name = "objects"

[stimuli]
dataset = "images92"

[[network]]
name = "alexnet"
layers = [
    "features.0",
    "features.3",
]

[[recording]]
name = "brain"
dataset = "images92"

[[method]]
name = "RSA"
kind = "rsa"
"""


def refused(text):
    with pytest.raises(ic.InputError) as found:
        ic.Study.from_text(text, ".")
    return [(each.line, each.what) for each in found.value.problems]


def test_a_file_is_read_with_its_defaults(tmp_path):
    (tmp_path / "study.toml").write_text(GOOD)
    study = ic.Study.from_toml(tmp_path / "study.toml")
    assert study.settings.method[0].comparison == "spearman"
    assert study.results == tmp_path.resolve() / "results"
    assert repr(study) == "Study('objects': 1 network, 1 recording, 1 method)"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("layers = [", "layer = [", 9, "network[1].layer is not known. Did you mean 'layers'?"),
        ('kind = "rsa"', 'kind = "rs"', 20, "kind = 'rs' is no method. Did you mean 'rsa'?"),
        ('kind = "rsa"', "", 18, "method[1] lacks 'kind'"),
        ('name = "alexnet"', "", 7, "network[1] lacks 'name'"),
        ('"features.3"', "3", 9, "layers"),
        ('name = "objects"', 'name = "a/b"', 2, "study.name"),
        ('[study]\nname = "objects"', "", None, "the file lacks 'study'"),
        (
            'kind = "rsa"',
            'kind = "rsa"\ncomparison = "spearmen"',
            21,
            "method[1].comparison = 'spearmen' is not known. Did you mean 'spearman'?",
        ),
        ('kind = "rsa"', 'kind = "rsa"\nrecordings = ["brian"]', 21, "lacks. It has: brain."),
        ('dataset = "images92"\n\n[[n', "[[n", 4, "give one of dataset, folder,"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, line, said):
    found = refused(GOOD.replace(old, new, 1))
    assert any(each[0] == line and said in each[1] for each in found), found


def test_all_that_is_wrong_is_in_one_list_in_the_order_of_lines():
    text = GOOD.replace("layers", "layer").replace('"rsa"', '"encoding"\nfolds = 1\npenalty = 3')
    with pytest.raises(ic.InputError, match="3 things are wrong") as found:
        ic.Study.from_text(text, ".")
    lines = [each.line for each in found.value.problems]
    assert lines == sorted(lines) == [9, 21, 22]


def test_two_of_one_name_are_refused():
    again = '\n[[network]]\nname = "alexnet"\n'
    assert "two tables [[network]] are called 'alexnet'" in refused(GOOD + again)[0][1]


def test_what_is_no_toml_is_told_with_its_line():
    with pytest.raises(ic.FormatError, match="at line 2"):
        ic.Study.from_text("[study]\nname = \n", ".")


def test_a_file_that_is_not_there():
    with pytest.raises(ic.NotFoundError, match="study init"):
        ic.Study.from_toml("nowhere.toml")


def test_lines_of_nested_values():
    lines = Lines("a = 1\n\n# two\n[b]\nc = [\n 1,\n]\n[[d]]\ne = 1\n[[d]]\ne = 2\n")
    assert [lines.of(each) for each in (("a",), ("b", "c"), ("d", 1, "e"), ("d", 1, "f"))] == [
        1,
        5,
        11,
        10,
    ]


def test_the_example_is_a_study_and_is_not_written_over(tmp_path):
    path = begin(tmp_path / "study.toml")
    study = ic.Study.from_toml(path)
    assert study.name == "my study"
    assert study.text == example()
    schema = json.loads((tmp_path / "study.schema.json").read_text())
    assert schema == Settings.model_json_schema()
    with pytest.raises(ic.InputError, match="is there already"):
        begin(path)


def test_the_errors_on_the_page_of_documentation_are_what_is_said():
    page = (Path(__file__).parents[2] / "docs/study.md").read_text(encoding="utf-8")
    text, shown = re.search(
        r"```toml\n([^`]*)```\n\ngives\n\n```\n(.*?)```", page, re.DOTALL
    ).groups()
    with pytest.raises(ic.InputError) as found:
        ic.Study.from_text(text, ".", "'study.toml'")
    said = f"isocortex: {found.value}".splitlines()
    for there, here in zip(shown.splitlines(), said, strict=True):
        assert here.startswith(there.removesuffix("…"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[study]\nname = \xff\n", "study.toml"),
        (b"\xff\xfe[\x00", "study.toml"),
        (b"[study\n", "no TOML"),
        (b"[study]\nname = 'a'\nname = 'b'\n", "no TOML"),
        (b"\x00" * 10, "no TOML"),
    ],
)
def test_a_file_that_is_no_text_or_no_toml_is_a_sentence(tmp_path, content, said):
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    with pytest.raises(ic.FormatError, match=said):
        ic.Study.from_toml(path)


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path):
    path = tmp_path / "study.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert ic.Study.from_toml(path).name == "objects"
    bad = GOOD.replace("layers", "layer").replace("\n", "\r\n")
    assert refused(bad)[0][0] == 9


@pytest.mark.parametrize("wrong", [7, "x" * 3, True, 1.5, [], {}, "date", [[1]]])
def test_any_value_of_another_kind_is_told_in_its_line_or_taken(wrong):
    value = {"date": "2026-11-26"}.get(str(wrong), json.dumps(wrong)).replace("{}", "{ }")
    lines = GOOD.replace('[\n    "features.0",\n    "features.3",\n]', '"main"').splitlines()
    for i, line in enumerate(lines):
        if " = " not in line:
            continue
        changed = [*lines[:i], f"{line.split(' = ')[0]} = {value}", *lines[i + 1 :]]
        assert told("\n".join(changed)) <= {i + 1, *_tables(lines, i)}, line


def told(text):
    """The lines of what is wrong; none where the study is taken."""
    try:
        ic.Study.from_text(text, ".")
    except ic.InputError as error:
        return {each.line for each in error.problems}
    return set()


def _tables(lines, i):
    """The line of the table that a line is in."""
    return {max(k for k in range(i + 1) if lines[k].startswith("[")) + 1}


def test_every_key_misspelt_is_told_in_its_line():
    for i, line in enumerate(GOOD.splitlines()):
        key = line.split(" = ")[0]
        if " = " in line and key != "kind":
            changed = GOOD.splitlines()
            changed[i] = line.replace(key, f"{key}x", 1)
            found = refused("\n".join(changed))
            assert any(each == i + 1 and f"{key}x" in said for each, said in found), (line, found)


def test_the_example_names_every_option():
    def names(part):
        for each in [part, *part.get("$defs", {}).values()]:
            yield from each.get("properties", {})

    text = example()
    lacking = {name for name in names(Settings.model_json_schema()) if name not in text}
    assert lacking == set()
