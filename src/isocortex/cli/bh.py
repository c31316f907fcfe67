"""The commands ``bh extract``, ``bh decode``, ``bh encode`` and ``bh score``."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from isocortex.choice import counted
from isocortex.cli._answer import answers
from isocortex.cli._show import progress, say, show_table, show_written

bh = App(
    name="bh",
    help="The Brain Hierarchy score, from images and recordings to a ranking of networks.",
)


@Parameter(name="*")
@dataclass(frozen=True)
class Study:
    """What all commands ask for.

    Parameters
    ----------
    settings
        The file settings.json: subjects, rois in the order of the hierarchy, dnns.
    data
        The data folder.
    net
        One network of the settings, such as caffe/AlexNet; without it, all of them.
    """

    settings: Path = Path("settings.json")
    data: Path = Path("data")
    net: Annotated[str | None, Parameter(name=["--net", "-n"])] = None


@Parameter(name="*")
@dataclass(frozen=True)
class Workers:
    """Where jobs run.

    Parameters
    ----------
    workers
        Processes on this machine.
    scheduler
        The address of a Dask cluster, such as tcp://10.0.0.1:8786.
    """

    workers: int | None = None
    scheduler: str | None = None


_HERE, _ALONE = Study(), Workers()


@bh.command
@answers
def extract(
    *,
    study: Study = _HERE,
    images: Path | None = None,
    weights: str | None = None,
    units: int | None = None,
    seed: int = 0,
    where: Workers = _ALONE,
) -> None:
    """Run images through networks and write their features.

    For example:

        isocortex bh extract --settings settings.json --data data --net pytorch/alexnet

    Reads `DATA/images/<set>` for the sets ImageNetTraining and ImageNetTest, writes
    `DATA/features/<set>/<framework>/<network>/<layer>/<image>.mat`. What is there is left.

    Parameters
    ----------
    images
        The folder of the sets of images; without it, DATA/images.
    weights
        A file or folder of weights, or none for random ones; with --net.
    units
        Keep so many random units of each layer, the same for all images.
    seed
        Of the choice of units.
    """
    from isocortex.data.stimuli import Stimuli
    from isocortex.jobs.bh import extraction_jobs

    chosen, folders = _opened(study, weights)
    root = study.data / "images" if images is None else images
    sets = {kind: Stimuli.from_folder(root / kind) for kind in (chosen.train, chosen.test)}
    jobs = extraction_jobs(folders, chosen, sets, units, seed)
    _run(jobs, "extract", where)


@bh.command
@answers
def decode(*, study: Study = _HERE, where: Workers = _ALONE) -> None:
    """Decode each unit of each layer from each region of each subject.

    For example:

        isocortex bh decode --settings settings.json --data data --workers 2

    Reads `DATA/features` and `DATA/fmri`, writes `DATA/feature_decoders`,
    `DATA/decoded_features` and `DATA/decoding_accuracy`. Stopped at any moment and started
    again, it goes on with what is not done.

    """
    from isocortex.jobs.bh import decoding_jobs

    chosen, folders = _opened(study)
    _run(decoding_jobs(folders, chosen), "decode", where)


@bh.command
@answers
def encode(*, study: Study = _HERE, where: Workers = _ALONE) -> None:
    """Encode each voxel of each region and subject from each layer.

    For example:

        isocortex bh encode --settings settings.json --data data --workers 2

    Reads `DATA/features` and `DATA/fmri`, writes `DATA/encoding_accuracy`.
    """
    from isocortex.jobs.bh import encoding_jobs

    chosen, folders = _opened(study)
    _run(encoding_jobs(folders, chosen), "encode", where)


@bh.command
@answers
def score(
    *,
    study: Study = _HERE,
    statistic: Literal["t", "bhscore2021"] = "t",
    p: float = 0.05,
    subsets: int = 5,
    over: Literal["layers", "subjects"] = "layers",
    samples: int = 1000,
    seed: int = 0,
    output: Path | None = None,
    figure: Path | None = None,
) -> None:
    """Score networks from their decoding and encoding accuracies, and rank them.

    For example:

        isocortex bh score --settings settings.json --data data

    Reads `DATA/decoding_accuracy` and `DATA/encoding_accuracy`, prints a table and writes it.

    Parameters
    ----------
    statistic
        Which units are kept: by the t test, or as the code published with the score has it.
    p
        Their level.
    subsets
        Average over all choices of so many layers; 0: all layers at once.
    over
        What the interval is over.
    samples
        Random orders of the layers for p; 0: neither p nor interval.
    seed
        Of these orders.
    output
        The table; without it, DATA/bh_scores.csv.
    figure
        A picture of the networks among the 29 published ones, such as ranking.png.
    """
    import pandas as pd

    from isocortex.bh.resampling import Resampling
    from isocortex.bh.scoring import ScoreOptions, score_network
    from isocortex.cli._endings import check_endings
    from isocortex.errors import IsocortexError

    check_endings(output, (".csv",), option="--output", figure=figure)
    chosen, folders = _opened(study)
    how = ScoreOptions(p, statistic, subsets or None, Resampling(over, samples, seed=seed))
    scores, failures = [], []
    for network in chosen.networks:
        try:
            scores.append(score_network(folders, chosen, network, how))
        except IsocortexError as error:
            failures.append(f"failed: score {network.folder}\n    {error}")
    if scores:
        table = pd.DataFrame([_row(each) for each in scores])
        table = table.sort_values("mean", ascending=False, kind="stable", ignore_index=True)
        written = study.data / "bh_scores.csv" if output is None else output
        _write(table, written)
        shown = table[["network", "decoding", "encoding", "mean", "low", "high", "p"]]
        show_table(list(shown.columns), shown.itertuples(index=False), "Brain Hierarchy scores")
        show_written(table=written, figure=_drawn(scores, figure))
    for note in [note for each in scores for note in each.notes]:
        say(f"note: {note}", file=sys.stderr)
    n, lost = len(scores), len(failures)
    say(f"{counted(n, 'network')} scored, {lost} failed.", networks=n, failed=lost)
    if failures:
        say("\n".join(failures), file=sys.stderr)
        sys.exit(1)


def _opened(study: Study, weights: str | None = None) -> Any:
    from dataclasses import replace

    from isocortex.bh.settings import Folders, read_settings
    from isocortex.errors import InputError, NotFoundError

    chosen = read_settings(study.settings).only(study.net)
    if not study.data.is_dir():
        raise NotFoundError(f"There is no data folder {str(study.data)!r}.")
    if weights is not None:
        if len(chosen.networks) > 1:
            raise InputError("--weights are of one network; say which with --net.")
        chosen = replace(
            chosen, networks=tuple(replace(n, weights=weights) for n in chosen.networks)
        )
    return chosen, Folders(study.data.resolve(), chosen.train, chosen.test)


def _run(jobs: list[Any], what: str, where: Workers) -> None:
    """Run jobs where it was asked for, print what became of them, exit with 1 if one failed."""
    from isocortex.jobs.dask import client_of, run_on_dask
    from isocortex.jobs.local import run_here

    with ExitStack() as stack:
        listener = stack.enter_context(progress())
        if where == _ALONE:
            summary = run_here(jobs, listener, what)
        else:
            client = stack.enter_context(client_of(where.workers, where.scheduler))
            summary = run_on_dask(jobs, client, listener, what)
    say(summary)
    if summary.failed:
        sys.exit(1)


def _row(score: Any) -> dict[str, Any]:
    nothing = float("nan")
    row: dict[str, Any] = {"network": score.network.name, "folder": score.network.folder}
    for kind in ("decoding", "encoding", "mean"):
        estimate = getattr(score, kind)
        row[kind] = nothing if estimate is None else estimate.value
    best = score.mean or score.decoding or score.encoding
    row |= {"low": best.low, "high": best.high, "p": best.p, "n_units": best.n}
    return row | {"n_layers": len(score.network.layers), "method": best.method}


def _write(table: Any, path: Path) -> None:
    from isocortex.store.atomic import whole

    with whole(path) as draft:
        table.to_csv(draft, index=False)


def _drawn(scores: list[Any], figure: Path | None) -> Path | None:
    if figure is None:
        return None
    from isocortex import plots
    from isocortex.bh.published import published_hierarchy, ranked
    from isocortex.cli._figures import draw_to_file

    taken = set(published_hierarchy()["network"])
    new = {each.network.name: each.mean for each in scores if each.mean is not None}
    new = {f"{name} (here)" if name in taken else name: value for name, value in new.items()}
    return draw_to_file(figure, plots.hierarchy_ranking, ranked(new))
