"""The commands ``study init``, ``plan``, ``run``, ``status``, ``table`` and ``report``."""

from pathlib import Path

from cyclopts import App

from isocortex.cli._answer import answers

study = App(name="study", help="Compare many networks with many recordings, by one file.")

SHOWN = ["region", "network", "layer", "score", "low", "high", "ceiling"]


@study.command
@answers
def init(path: Path = Path("study.toml"), /) -> None:
    """Write a commented study file that runs as it is, and its schema for editors.

    For example:

        isocortex study init

    Parameters
    ----------
    path
        The file to write; it must not be there yet.
    """
    from isocortex.cli._show import show_written
    from isocortex.study.begin import begin

    show_written(study=begin(path), schema=path.with_name("study.schema.json"))


@study.command
@answers
def plan(path: Path = Path("study.toml"), /) -> None:
    """Say what a study has to do, what it costs, and what is wrong with it, before any work.

    For example:

        isocortex study plan study.toml

    Parameters
    ----------
    path
        The study file.
    """
    import isocortex as ic
    from isocortex.cli._show import say, show_table

    asked = ic.Study.from_toml(path)  # Before what plans it is loaded, which takes seconds.
    found = ic.plan(asked)
    table = found.table()
    counts = table.groupby(["method", "state"]).size().unstack(fill_value=0)
    show_table(["method", *counts.columns], counts.reset_index().itertuples(index=False))
    say(found)


@study.command
@answers
def run(path: Path = Path("study.toml"), /, *, where: str = "local") -> None:
    """Compute what a study asks for; what is there is not computed again.

    For example:

        isocortex study run study.toml --where 4

    Parameters
    ----------
    path
        The study file.
    where
        local, a number of processes, the address of a Dask scheduler, or cluster.
    """
    import isocortex as ic
    from isocortex.cli._show import progress, say, show_table, show_written

    asked = ic.Study.from_toml(path)
    with progress() as listener:
        result = ic.run(asked, int(where) if where.isdecimal() else where, progress=listener)
    if len(result.failed):
        show_table(["task", "reason"], result.failed.itertuples(index=False), "Failed")
    say(result)
    show_written(table=result.path)


@study.command
@answers
def status(
    path: Path = Path("study.toml"),
    /,
) -> None:
    """Say how much of a study is done, without loading a network: from what was recorded last.

    For example:

        isocortex study status study.toml

    Parameters
    ----------
    path
        The study file.
    """
    import isocortex as ic
    from isocortex.cli._show import say, show_table
    from isocortex.study.status import status_of

    asked = ic.Study.from_toml(path)
    found = status_of(asked)
    if len(found.failed):
        show_table(["reason", "tasks"], found.failed.itertuples(index=False), "Failed")
    say(found, study=found.study, numbers=found.n_numbers, failed=found.n_failed)


@study.command
@answers
def table(
    path: Path = Path("study.toml"),
    /,
    *,
    into: Path | None = None,
) -> None:
    """Show the best layer of each network in each region, or write the whole table.

    For example:

        isocortex study table study.toml --into scores.csv

    Parameters
    ----------
    path
        The study file.
    into
        A CSV or Parquet file for all rows.
    """
    import isocortex as ic
    from isocortex.cli._endings import TABLE, check_endings
    from isocortex.cli._show import show_table, show_written
    from isocortex.study.best import best_layers
    from isocortex.study.result import read_table
    from isocortex.study.results import write_any

    check_endings(into, TABLE)
    asked = ic.Study.from_toml(path)
    found = read_table(asked.results)
    best = best_layers(found)
    for (method, recording), rows in best.groupby(["method", "recording"], observed=True):
        shown = rows[SHOWN].astype(object).where(rows[SHOWN].notna(), "")
        title = f"{method}, {recording}: best layers"
        show_table(SHOWN, shown.itertuples(index=False), title, data=rows)
    if into is not None:
        write_any(found, into)
        show_written(table=into)


@study.command
@answers
def report(path: Path = Path("study.toml"), /, *, into: Path | None = None) -> None:
    """Write one page that shows what came out; it opens without a network.

    For example:

        isocortex study report study.toml --into report.html

    Parameters
    ----------
    path
        The study file.
    into
        The page; default report.html in the folder of results.
    """
    import isocortex as ic
    from isocortex.cli._endings import PAGE, check_endings
    from isocortex.cli._show import show_written
    from isocortex.study.result import StudyResult

    check_endings(into, PAGE)
    asked = ic.Study.from_toml(path)
    result = StudyResult(ic.plan(asked))
    show_written(page=ic.report(result, into or asked.results / "report.html"))
