"""What a notebook shows of a study, its plan and its result; only what is in memory."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from isocortex.choice import counted
from isocortex.display.card import Card, table_rows
from isocortex.display.pictures import LINES, lines

if TYPE_CHECKING:
    from isocortex.display.card import Picture
    from isocortex.study.plan import StudyPlan
    from isocortex.study.result import StudyResult
    from isocortex.study.study import Study

_FIRST = ["network", "layer", "subject", "region", "method", "score", "p"]


def of_study(noun: "Study") -> Card:
    """What is compared with what, and how."""
    has = noun.settings
    kinds = {"network": has.network, "recording": has.recording, "method": has.method}
    facts = {
        "folder": str(noun.folder),
        **{counted(2, kind)[2:]: [each.name for each in found] for kind, found in kinds.items()},
    }
    return Card("Study", noun.name, facts)


def of_plan(noun: "StudyPlan") -> Card:
    """How much is done, and what is left."""
    left = noun.n_tasks - noun.n_done
    facts = {
        "numbers": f"{noun.n_done} of {noun.n_tasks} are there",
        "passes": noun.passes,
        "on disk": f"{noun.gigabytes:.3g} GB",
        "time": f"about {noun.seconds:.2g} s on one worker",
        "stimuli": len(noun.stimuli),
    }
    what = f"{noun.study.name}, {counted(left, 'number')} to compute"
    return Card("StudyPlan", what, facts, (table_rows("task", noun.table().drop(columns="key")),))


def of_result(noun: "StudyResult") -> Card:
    """The first numbers, what failed, and the profile of the layers."""
    table: Any = noun.table()
    failed = noun.failed
    facts = {
        "numbers": f"{noun.plan.n_done} of {noun.plan.n_tasks}",
        "without": len(failed),
        "networks": list(pd.unique(table["network"].dropna())),
        "methods": list(pd.unique(table["method"].dropna())),
    }
    rows = [table_rows("row", table[_FIRST])]
    if len(failed):
        rows.append(table_rows("failed task", failed))
    return Card("StudyResult", noun.study.name, facts, tuple(rows), _profile(table))


def _profile(table: Any) -> "Picture | None":
    """Scores of the first method over depth, a line for each network, meaned over all else."""
    scored = table[table["score"].notna() & table["depth"].notna()]
    if scored.empty:
        return None
    method = scored["method"].iloc[0]
    scored = scored[(scored["method"] == method) & scored["subject"].notna()]
    if scored.empty:
        return None
    found = scored.pivot_table(
        index="depth", columns="network", values="score", observed=True, aggfunc="mean"
    ).sort_index()
    if len(found) < 2:
        return None
    caption = f"{method}, mean over subjects and regions"
    series = {str(name): found[name].to_numpy() for name in found.columns[:LINES]}
    return lines(
        series,
        found.index.to_numpy(),
        ("depth", "score"),
        "Scores by depth of the layer.",
        caption=caption,
    )
