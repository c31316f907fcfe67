import subprocess
import sys

import pytest

import isocortex as ic
from isocortex.cli import COMMANDS, app, main


def every_command():
    """Each command as words; a group of commands gives one for each of them."""
    for name in COMMANDS:
        inner = [each for each in app()[name] if not each.startswith("-")]
        yield from ([name, each] for each in inner) if inner else [[name]]


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_help_teaches_by_an_example(command, words):
    code, out, _ = command(*words, "--help")
    assert code == 0
    usage, _, rest = out.partition("\n")
    called = " ".join(["isocortex", *words])
    assert called in usage
    assert called in rest


@pytest.mark.parametrize("words", list(every_command()), ids=" ".join)
def test_every_argument_and_option_says_what_it_is(words):
    one = app()[words[0]] if len(words) == 1 else app()[words[0]][words[1]]
    untold = [
        each.names
        for each in one.assemble_argument_collection(parse_docstring=True)
        if each.show and not (each.parameter.help or "").strip()
    ]
    assert untold == []


def test_the_front_lists_every_command_with_a_line(command):
    code, out, _ = command()
    assert code == 0
    for name in COMMANDS:
        (line,) = [row for row in out.splitlines() if row.startswith(f"│ {name} ")]
        assert len(line.split()) > 4, line


def test_version(command):
    code, out, _ = command("--version")
    assert (code, out.strip()) == (0, ic.__version__)


def test_a_misspelt_command_is_answered_with_the_nearest(command):
    code, _, err = command("extrat")
    assert code == 2
    assert 'Did you mean "extract"?' in " ".join(err.replace("│", "").split())


def test_an_error_is_one_sentence_and_an_exit_code(command, tmp_path):
    code, out, err = command("compare", tmp_path / "a.npz", tmp_path / "b.npz")
    assert (code, out) == (1, "")
    assert err.startswith("isocortex: There is no file")
    assert len(err.splitlines()) == 1


def test_an_input_that_cannot_be_used_is_code_2(command, tmp_path):
    code, _, err = command("extract", "alexnet", tmp_path, "--into", tmp_path / "x.zarr")
    assert code == 2
    assert "has no images" in err
    assert "Traceback" not in err


def test_other_errors_are_not_swallowed(monkeypatch):
    monkeypatch.setitem(COMMANDS, "broken", "tests_broken:function")
    with pytest.raises(ImportError):
        main(["broken"])


def test_an_interrupt_is_told_in_a_sentence(command, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(ic, "read_rdms", stop)
    code, _, err = command("compare", "a.npz", "b.npz")
    assert code == 130
    assert err.startswith("isocortex: stopped")


def test_nothing_heavy_is_imported_to_show_help():
    code = (
        "import sys\nfrom isocortex.cli import main\n"
        "try:\n    main(['extract', '--help'])\nexcept SystemExit:\n    pass\n"
        "assert not {'torch', 'matplotlib', 'pandas'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
