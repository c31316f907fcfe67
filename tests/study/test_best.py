"""The layer of each person, by a slow truth."""

import math

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("pyarrow")

from isocortex.study.best import best_of_subjects

COLUMNS = [
    *("network", "recording", "subject", "region", "method"),
    *("layer", "depth", "score", "chosen_by"),
]
PLACE = ["network", "recording", "region", "method"]


def slow(table):
    """For each person every layer's mean over the others is looked at, one by one."""
    found = {}
    rows = [row for row in table.to_dict("records") if isinstance(row["subject"], str)]
    for row in rows:
        place = tuple(row[name] for name in PLACE)
        here = [each for each in rows if tuple(each[name] for name in PLACE) == place]
        layers = {each["layer"] for each in here if not math.isnan(each["score"])}
        scores = {(each["subject"], each["layer"]): each["score"] for each in here}
        whole = [
            who
            for who in dict.fromkeys(each["subject"] for each in here)
            if not any(math.isnan(scores.get((who, layer), math.nan)) for layer in layers)
        ]
        who = row["subject"]
        if who not in whole:
            found[(*place, who)] = (None, math.nan, None)
            continue
        others = [each for each in whole if each != who] if len(whole) > 2 else whole
        mean = {layer: np.mean([scores[each, layer] for each in others]) for layer in layers}
        layer = max(mean, key=mean.__getitem__)
        by = "other subjects" if len(whole) > 2 else "same scores"
        found[(*place, who)] = (layer, scores[who, layer], by)
    return found


def check(best, table):
    right = slow(table)
    assert list(best.columns) == COLUMNS
    assert len(best) == len(right)
    for row in best.to_dict("records"):
        layer, score, by = right[(*(row[name] for name in PLACE), row["subject"])]
        assert row["score"] == pytest.approx(score, nan_ok=True, abs=1e-12)
        if layer is None:
            assert all(pd.isna(row[name]) for name in ("layer", "depth", "chosen_by"))
            continue
        assert (row["layer"], row["chosen_by"]) == (layer, by)
        held = table[(table["network"] == row["network"]) & (table["layer"] == layer)]
        assert row["depth"] == held["depth"].iloc[0]


def test_layers_are_chosen_by_the_other_subjects(done):
    best = done.best()
    check(best, done.table())
    three = best["region"].isin(["V1", "IT"])
    assert set(best[three]["chosen_by"]) == {"other subjects"}
    assert set(best[~three]["chosen_by"]) == {"same scores"}


def test_who_lacks_a_layer_has_none_and_chooses_for_nobody(done):
    table = done.table()
    lost = (table["subject"] == "bob") & (table["layer"] == "conv1") & (table["method"] == "CKA")
    table.loc[lost, "score"] = np.nan
    best = best_of_subjects(table)
    check(best, table)
    assert set(best[best["layer"].isna()]["subject"]) == {"bob"}


def test_subjects_choose_for_each_other_and_not_for_themselves(done):
    """Scores that are all noise have a mean of 0 by others' choice, and not by one's own."""
    rng = np.random.default_rng(0)
    means, largest = [], []
    table = done.table()
    rows = table[(table["method"] == "RSA") & (table["region"] == "V1") & table["subject"].notna()]
    rows = rows[rows["network"] == "resnet"]
    for _ in range(80):
        noise = rows.assign(score=rng.normal(size=len(rows)))
        means.append(best_of_subjects(noise)["score"].mean())
        largest.append(noise.groupby("subject", observed=True)["score"].max().mean())
    assert abs(np.mean(means)) < 4 * np.std(means) / np.sqrt(80)
    assert np.mean(largest) > 0.7
