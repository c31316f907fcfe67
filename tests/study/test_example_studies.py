"""The two studies on real data by the command line, from the file to the page."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

STUDIES = Path(__file__).parents[2] / "examples" / "studies"
KNOWN = {
    "digits69": [
        ("SqueezeNet", "features.12", "V1-V3", "RSA", 0.202051),
        ("SqueezeNet", "features.10", "V1-V3", "CKA", 0.189634),
        ("SqueezeNet", "features.10", "V1-V3", "encoding", 0.193785),
        ("SqueezeNet", "features.0", "V1-V3", "decoding", 0.620757),
    ],
    "images92": [
        ("AlexNet", "conv2_relu", "EVC", "RSA, whitened", 0.173102),
        ("SqueezeNet", "features.12", "IT", "RSA, rank correlation", 0.204090),
        ("SqueezeNet", "features.12", "IT", "RSA, rho-a", 0.204090),
        ("EfficientNet-Lite0", "blocks.5.3", "IT", "RSA, whitened", 0.344766),
        ("EfficientNet-Lite0", "classifier", "behaviour", "RSA, Euclidean", 0.299516),
    ],
}
"""Means over people, where there are several."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "n_rows"), [("digits69", 80), ("images92", 6664)])
def test_an_example_study_runs_from_the_file_to_the_page(name, n_rows, tmp_path, shared):
    env = {**os.environ, "ISOCORTEX_WEIGHTS": str(shared / "weights")}
    shutil.copy(STUDIES / f"{name}.toml", tmp_path)
    command = [sys.executable, "-c", "from isocortex.cli import main; main()", "study"]
    for step in ("run", "report"):
        done = subprocess.run(
            [*command, step, f"{name}.toml"], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    results = tmp_path / f"results_{name}"
    table = pd.read_parquet(results / "results.parquet")
    assert len(table) == n_rows
    assert table["error"].isna().all()
    assert (results / "report.html").stat().st_size > 1_000_000
    means = table if table["subject"].nunique() == 1 else table[table["subject"].isna()]
    held = means.set_index(["network", "layer", "region", "method"])["score"]
    for *place, score in KNOWN[name]:
        assert held[tuple(place)] == pytest.approx(score, abs=2e-4), place
