"""The study that `isocortex study init` writes runs as it is, from the file to the page."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from isocortex.cli import main

STEPS = ("plan", "run", "status", "table", "report")
COMMAND = [sys.executable, "-c", "from isocortex.cli import main; main()", "study"]


@pytest.mark.slow
def test_the_example_runs_as_it_is_in_an_empty_folder(tmp_path, shared):
    env = {**os.environ, "ISOCORTEX_WEIGHTS": str(shared / "weights")}
    for step in ("init", *STEPS):
        done = subprocess.run(
            [*COMMAND, step], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    table = pd.read_parquet(tmp_path / "results" / "results.parquet")
    assert table["error"].isna().all()
    assert set(table["region"]) == {"EVC", "IT"}
    means = table[table["subject"].isna() & (table["network"] == "squeezenet")]
    held = means.set_index(["region", "layer"])["score"]
    assert held["IT", "features.12"] == pytest.approx(0.204090, abs=2e-4)
    assert [path.name for path in tmp_path.rglob("*.html")] == ["report.html"]


def test_the_example_runs_with_a_small_network_from_init_to_the_page(
    material, tmp_path, monkeypatch, capsys
):
    """Its own stimuli, network and recordings in place of those that have to be fetched."""

    def run(*arguments):
        code = 0
        try:
            main(["study", *arguments])
        except SystemExit as stop:
            code = stop.code or 0
        printed = capsys.readouterr()
        assert code == 0, printed.err
        return printed.out

    monkeypatch.chdir(tmp_path)
    run("init")
    text = (tmp_path / "study.toml").read_text()
    for old, new in (
        ('[stimuli]\ndataset = "images92"', f'[stimuli]\nfolder = "{material}/images"'),
        (
            'name = "brain"\ndataset = "images92"',
            f'name = "brain"\nfiles = "{material}/fmri/{{subject}}_{{region}}.npz"',
        ),
        ('"squeezenet1_1"', '"cifar10_resnet20"\nweights = "random"'),
        ('weights = "random"\nweights = "random"', 'weights = "random"'),
        ('"main" ', '["conv1", "linear"] '),
        ('layers = "main"\n', 'layers = ["conv1", "linear"]\n'),
        ('["EVC", "IT"]', '["V1", "IT"]'),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (tmp_path / "study.toml").write_text(text)
    shown = {step: run(step) for step in STEPS}
    assert "26 of 26 numbers to compute" in " ".join(shown["plan"].split())
    table = pd.read_parquet(tmp_path / "results" / "results.parquet")
    assert table["score"].notna().all()
    assert "squeezenet untrained" in shown["table"]
    assert [path.name for path in tmp_path.rglob("*.html")] == ["report.html"]
