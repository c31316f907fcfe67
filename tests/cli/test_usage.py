"""Words that make no command, narrow terminals, JSON, endings, completion."""

import json
import re
import string
from pathlib import Path

import numpy as np
import pytest
from tests.cli.test_main import every_command

import isocortex as ic
from isocortex.cli import COMMANDS, app
from isocortex.cli._narrow import fitting, is_number, wrapped
from isocortex.cli._show import show_table

FREE = {"demo", "study", "bh"}
"""They run without arguments, or are groups."""


@pytest.mark.parametrize("name", sorted({*COMMANDS} - FREE))
def test_without_arguments_usage_and_the_way_to_help_are_told(command, name):
    code, out, err = command(name)
    assert (code, out) == (2, "")
    wrong, usage, hint = err.splitlines()
    assert "requires" in wrong
    assert usage.startswith(f"Usage: isocortex {name} ")
    assert hint == f"Help, with an example: isocortex {name} --help"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_suggested_and_listed(command, name):
    typo = name[:-1] + ("x" if len(name) > 2 else f"{name[-1]}{name[-1]}")
    _, _, err = command(typo)
    if len(name) > 2:
        assert f'Did you mean "{name}"?' in err
    assert f" {name}," in err or f" {name}." in err


def test_misspelt_flags_and_commands_of_groups_are_suggested(command):
    assert 'Did you mean "--version"?' in command("--verison")[2]
    _, _, err = command("study", "tabel")
    assert 'Did you mean "table"? Commands: init, plan, report, run, status, table.' in err
    assert "Did you mean --measure?" in command("similarity", "a.npz", "--mesure", "cka")[2]


def test_usage_names_the_arguments(command):
    assert command("rf", "--help")[1].startswith(
        "Usage: isocortex rf NETWORK [LAYERS ...] [OPTIONS]"
    )
    usage = "Usage: isocortex extract NETWORK IMAGES --into PATH [OPTIONS]"
    assert command("extract", "--help")[1].startswith(usage)


def test_every_command_but_the_demo_has_json():
    for words in every_command():
        one = app()[words[0]] if len(words) == 1 else app()[words[0]][words[1]]
        names = {name for each in one.assemble_argument_collection() for name in each.names}
        assert ("--json" in names) == (words != ["demo"]), words


def numbers_in(text):
    return re.findall(r"\d+(?:\.\d+)?", text)


@pytest.mark.parametrize("room", [12, 20, 33, 45, 60, 79])
def test_no_number_is_broken_however_narrow(rng, room):
    heads = ["layer", "output", "n_units", "GB for 1000", "score"]
    rows = [
        [f"features.{i}.conv{i}", "64 x 55 x 55", f"{n}", f"{n / 7:.3f}", f"{n / 1e6:.3f}"]
        for i, n in enumerate(rng.integers(1, 10**6, 8))
    ]
    cells = [[head, *(row[i] for row in rows)] for i, head in enumerate(heads)]
    sizes = fitting(cells, room)
    assert sum(sizes.values()) + 2 * (len(sizes) - 1) <= room
    for place, size in sizes.items():
        for text in cells[place]:
            lines = wrapped(text, size)
            assert max(map(len, lines)) <= size
            assert numbers_in("\n".join(lines)) == numbers_in(text)


def test_numbers_stay_longer_than_text_as_the_terminal_narrows():
    cells = [
        ["layer", "features.0", "features.10"],
        ["module", "Conv2d", "AdaptiveAvgPool2d"],
        ["output", "64 x 55 x 55", "256 x 6 x 6"],
        ["n_units", "193600", "9216"],
        ["GB for 1000", "0.774", "0.037"],
    ]
    kept = {room: [*fitting(cells, room)] for room in (80, 45, 33, 22, 10)}
    assert kept == {80: [0, 1, 2, 3, 4], 45: [0, 2, 3, 4], 33: [0, 3, 4], 22: [0, 3], 10: [0]}


def test_wrapping_loses_no_letter(rng):
    letters = list(string.ascii_letters + "0123456789._-/ ")
    for _ in range(200):
        text = "".join(rng.choice(letters, 40))
        joined = "".join(wrapped(text, int(rng.integers(5, 45))))
        assert joined.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["0.5", "-0.123", "12", "1e-05", "nan", "-", "0.345 *", "0.345  "])
def test_what_stands_at_the_right_is_a_number(text):
    assert is_number(text)
    assert not is_number(f"conv{text}")


def test_a_narrow_table_says_what_it_leaves_out(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    show_table(["layer", "first", "second"], [["conv1", 0.25, 0.125], ["a long name", 1.0, 0.5]])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 30
    monkeypatch.setenv("COLUMNS", "14")
    show_table(["layer", "first", "second"], [["conv1", 0.25, 0.125], ["a long name", 1.0, 0.5]])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 14
    assert "0.250" in out
    assert "'second'; --json has all" in " ".join(out.split())


def test_where_the_output_is_no_terminal_nothing_is_left_out(capsys, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    show_table([f"column {i}" for i in range(40)], [[i / 7 for i in range(40)]])
    assert capsys.readouterr().out.splitlines()[2].split() == [f"{i / 7:.3f}" for i in range(40)]


def test_json_is_one_object_with_all_digits_and_null_for_undefined(command, rng, tmp_path):
    values = rng.random((2, 6))
    models = ic.RDMs(values, ["a", "b", "c", "d"], {"layer": ["\x1b[31mred", "x"]})
    ic.write_rdms(models, tmp_path / "m.npz")
    ic.write_rdms(ic.RDMs(values[:1], ["a", "b", "c", "d"], {"subject": [1]}), tmp_path / "b.npz")
    into = tmp_path / "s.csv"
    asked = ("compare", tmp_path / "m.npz", tmp_path / "b.npz", "--into", into, "--json")
    code, out, _ = command(*asked)
    assert code == 0
    answer = json.loads(out)
    assert set(answer) == {"tables", "text", "facts", "files"}
    assert answer["files"] == {"table": str(into)}
    rows = answer["tables"][0]["rows"]
    assert [row["layer"] for row in rows] == ["\x1b[31mred", "x"]
    assert rows[0]["ceiling_low"] is None
    expected = ic.compare(models, ic.read_rdms(tmp_path / "b.npz")).values[:, 0]
    np.testing.assert_array_equal([row["score"] for row in rows], expected)
    assert "\x1b" not in out


def test_json_of_facts_is_one_row(command, tmp_path):
    ic.save(ic.Responses([[1.0], [2.0]], ["a", "b"]), tmp_path / "r.npz")
    code, out, _ = command("info", tmp_path / "r.npz", "--json")
    assert code == 0
    assert len(json.loads(out)["tables"][0]["rows"]) == 1


def test_an_error_leaves_nothing_on_the_output(command):
    code, out, err = command("info", "none.npz", "--json")
    assert (code, out) == (1, "")
    assert err.startswith("isocortex: There is no")


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (("extract", "alexnet", "images", "--into", "a.txt"), ".zarr"),
        (("rdm", "a.zarr", "--into", "a.csv"), ".npz"),
        (("rdm", "a.zarr", "--into", "a.npz", "--figure", "a.doc"), ".png"),
        (("compare", "a.npz", "b.npz", "--into", "a.xls"), ".csv"),
        (("similarity", "a.zarr", "--into", "a.zarr"), ".csv"),
        (("infer", "a.npz", "b.npz", "--into", "a.xls"), ".csv"),
        (("topstim", "a.zarr", "x", "1", "--into", "a.npz"), ".csv"),
        (("optimize", "alexnet", "x", "1", "--into", "a.npz"), ".png"),
        (("saliency", "alexnet", "a.png", "x", "1", "--figure", "a"), ".png"),
        (("ablate", "alexnet", "x", "1", "--into", "a.pth"), ".safetensors"),
        (("rf", "alexnet", "--figure", "a.npz"), ".png"),
        (("study", "table", "a.toml", "--into", "a.npz"), ".csv"),
        (("study", "report", "a.toml", "--into", "a.pdf"), ".html"),
        (("bh", "score", "--output", "a.npz"), ".csv"),
    ],
)
def test_endings_are_checked_before_any_work(command, tmp_path, monkeypatch, words, end):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ic, "load_network", None)
    code, out, err = command(*words)
    assert (code, out) == (2, "")
    assert f"the name must end in {end}" in err
    assert list(tmp_path.iterdir()) == []


def test_completion_with_an_output_touches_that_file_alone(command, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_text("# mine\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(Path, "home", lambda: home)
    into = tmp_path / "isocortex.bash"
    code, out, _ = command("--install-completion", "--shell", "bash", "--output", into)
    assert (code, out.strip()) == (0, f"completion: {into}")
    assert "similarity" in into.read_text()
    assert [each.name for each in home.iterdir()] == [".bashrc"]
    assert (home / ".bashrc").read_text() == "# mine\n"
    assert command("--install-completion", "--shell", "bash")[0] == 0
    assert "isocortex" in (home / ".bashrc").read_text()


def test_a_small_p_is_a_bound_and_stands_at_the_right(capsys):
    show_table(
        ["model", "p", "lowest p", "score"], [["a", 1e-5, 0.0004, 0.0001], ["b", 0.02, 1.0, 0.5]]
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:4] == ["a      < .001    < .001  0.000", "b       0.020     1.000  0.500"]
    assert is_number("< .001")
    assert wrapped("p < .001", 6) == ["p", "< .001"]
