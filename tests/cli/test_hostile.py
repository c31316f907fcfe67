"""What a command does with names that a terminal would obey, and with being stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import isocortex as ic
from isocortex.choice import visible

ESCAPE = "\x1b[31mX\x1b]0;pwn\x07"


def test_codes_are_shown_not_obeyed():
    assert visible(f"a {ESCAPE}\u202e\r") == r"a \x1b[31mX\x1b]0;pwn\x07\u202e\r"
    assert visible("Größe µV 图\nnext") == "Größe µV 图\nnext"


def test_labels_from_a_file_reach_no_terminal_as_codes(command, tmp_path):
    rng = np.random.default_rng(0)
    labels = {"layer": [ESCAPE, "conv2"]}
    names = ["a", "b", "c", "d"]
    ic.write_rdms(ic.RDMs(rng.random((2, 6)), names, labels), tmp_path / "models.npz")
    people = {"subject": [1, 2], "region": [f"IT{ESCAPE}"] * 2}
    ic.write_rdms(ic.RDMs(rng.random((2, 6)), names, people), tmp_path / "brain.npz")
    for asked in (("compare", "models.npz", "brain.npz"), ("info", "models.npz")):
        code, out, err = command(asked[0], *(tmp_path / name for name in asked[1:]))
        assert code == 0
        assert "\x1b]" not in out + err
        assert "x1b]0" in "".join(out.split())


def test_a_sentence_of_an_error_holds_no_codes(command, tmp_path):
    code, _, err = command("info", tmp_path / f"x{ESCAPE}.npz")
    assert code == 1
    assert "\x1b" not in err


_SCRIPT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a runner in the background ignores it
import importlib
from isocortex.cli import main
from isocortex.store.atomic import whole
def command(what, /):
    with whole(what) as draft:
        draft.write_text("half")
        print("begun", flush=True)
        time.sleep(30)
name = sys.argv[1]
setattr(importlib.import_module(f"isocortex.cli.{name}"), name, command)
main([name, sys.argv[2]])
"""


@pytest.mark.parametrize(
    ("number", "name", "code", "said"),
    [
        (signal.SIGTERM, "train", 143, "stopped by SIGTERM. What was finished is kept."),
        (signal.SIGHUP, "searchlight", 129, "stopped by SIGHUP. What was finished is kept."),
        (signal.SIGINT, "extract", 130, "stopped. What was finished is kept."),
        (signal.SIGINT, "infer", 130, "stopped."),
    ],
)
def test_a_signal_is_one_sentence_and_leaves_whole_files(tmp_path, number, name, code, said):
    path = tmp_path / "table.csv"
    path.write_text("old", encoding="utf-8")
    run = [sys.executable, "-c", _SCRIPT, name, str(path)]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        time.sleep(0.1)
        os.kill(child.pid, number)
        _, err = child.communicate(timeout=60)
    assert child.returncode == code
    assert err.strip() == f"isocortex: {said}"
    assert [each.name for each in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_behind_the_output_is_one_sentence(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros(3))
    asked = ["info", str(tmp_path / "x.npy")]
    run = [sys.executable, "-c", f"from isocortex.cli import main; main({asked!r})"]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0
    assert "No space left on device" in done.stderr
