"""The verb ``score``: one network on a named benchmark, beside those that are known."""

import functools
import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from isocortex.choice import suggestion
from isocortex.data.needs import door
from isocortex.data.responses import Responses
from isocortex.errors import InputError
from isocortex.jobs.records import recorder_of
from isocortex.networks.layers import Wanted
from isocortex.networks.load import load_network
from isocortex.networks.network import Network
from isocortex.progress import Shown
from isocortex.study.extraction import show
from isocortex.study.given import called, values_of
from isocortex.study.known import known_records
from isocortex.study.plan import StudyPlan, plan_with
from isocortex.study.ranking import ranked_networks
from isocortex.study.result import StudyResult, read_table
from isocortex.study.results import TABLE
from isocortex.study.stimuli import stimuli_of
from isocortex.study.study import Study
from isocortex.study.work import perform

BENCHMARKS = {"images92": "image", "alice": "text"}
"""Each a study without networks of its own, and a table of what was computed before; with the
modality of its stimuli."""
_IN_COMMON = ("beside", "context")
"""What a network is given as those of the study are."""


@door
def score(
    network: Any,
    benchmark: "str | Study",
    *,
    layers: Wanted = "main",
    progress: Shown = None,
) -> pd.DataFrame:
    """How a network does on a benchmark, beside those that are known.

    ``"images92"``: RDMs (1 - Pearson's r) of its layers against those of early visual cortex and
    IT in 15 people, and against the judgements of 16, by Spearman's rank correlation. The score
    of a network is the mean over people of its best layer, which for each person is chosen by the
    others, so that choosing among many layers does not raise it.

    ``"alice"``: a story, word by word, and six regions of its 26 listeners [1]_, whose mean the
    words' layers predict by ridge regression beside the word rate, delayed by 2 to 8 s: Pearson's
    r, the mean over six blocks of the story. There is one series, and so no interval, and the layer
    is chosen by the same scores: those of many layers are somewhat too high.

    Parameters
    ----------
    network : Network, torch.nn.Module, str or function
        What :func:`load_network` takes, or gives; or a function from the :class:`Stimuli` to
        :class:`Responses` with a row for each, such as those of ``isocortex.features``, which is
        taken as it is, without the word rate beside it.
    benchmark : "images92", "alice" or Study
        A study gives stimuli, recordings and methods; its networks are known if it has been run.
    layers : str or sequence of str, default="main"
        Of the network. See :meth:`Network.select`.
    progress : bool or function, optional
        True draws a bar; a function is told each stimulus.

    Returns
    -------
    DataFrame
        A row for each network, method, recording and region: ``layer`` (the one chosen for most
        people), ``score``, its interval ``low`` to ``high`` over people (``n``; missing where it is
        1), and ``computed``: ``"now"``, or by which version it was and with which weights. The best
        come first.

    Raises
    ------
    InputError
        If there is no such benchmark, or the network does not take its stimuli.

    See Also
    --------
    run : Many networks.
    compare : One RDM with another.
    StudyResult.best : The best layer of each person.

    References
    ----------
    .. [1] Brennan et al. 2016, Brain and Language 157-158: 81-94,
       https://doi.org/10.1016/j.bandl.2016.04.008

    Examples
    --------
    >>> import isocortex as ic
    >>> network = ic.load_network("cifar10_resnet20", weights=None)
    >>> found = ic.score(network, "images92", layers=["layer1.0", "layer3.2"])
    >>> found.loc[found["computed"] == "now", "network"].unique().tolist()
    ['cifar10_resnet20']
    """
    study = benchmark if isinstance(benchmark, Study) else _named(benchmark)
    loaded = _loaded(network, study)
    if isinstance(loaded, Network) and not isinstance(benchmark, Study):
        _refuse_other_modality(loaded, benchmark)
    level = study.settings.statistics.level
    with TemporaryDirectory() as folder:
        own = _computed(loaded, layers, study, Path(folder), progress)
    mine = _rows(own, level).assign(computed="now")
    known = _known(study) if isinstance(benchmark, Study) else _shipped(benchmark)
    keys = ["method", "recording", "region"]
    found = pd.concat([mine, known[mine.columns]] if len(known) else [mine], ignore_index=True)
    place = list(zip(*(found[key] for key in keys), strict=True))
    first = {each: i for i, each in reversed(list(enumerate(place)))}
    found = found.assign(_order=[first[each] for each in place])
    found = found.sort_values(["_order", "score"], ascending=[True, False])
    return found.drop(columns="_order").reset_index(drop=True)


def _named(benchmark: str) -> Study:
    if benchmark not in BENCHMARKS:
        raise InputError(
            f"There is no benchmark {benchmark!r}. {suggestion(benchmark, BENCHMARKS)}Known: "
            f"{', '.join(BENCHMARKS)}; or give a Study, whose stimuli, recordings and methods "
            "are taken."
        )
    return Study.from_text(_file(f"{benchmark}.toml"), ".", benchmark)


def _loaded(network: Any, study: Study) -> Network | Responses:
    """A network, or what a function gives for the stimuli."""
    if isinstance(network, Network):
        return network
    if inspect.isroutine(network) or isinstance(network, functools.partial):
        return values_of(network, stimuli_of(study.settings.stimuli, study.folder))
    return load_network(network)


def _refuse_other_modality(network: Network, benchmark: str) -> None:
    shown = BENCHMARKS[benchmark]
    if network.modality != shown:
        able = [name for name, held in BENCHMARKS.items() if held == network.modality]
        others = f" Of that modality is: {', '.join(able)}." if able else ""
        raise InputError(
            f"score: the stimuli of {benchmark!r} are of modality {shown!r}, and {network.name} "
            f"takes {network.modality!r}.{others}"
        )


def _file(name: str) -> str:
    return files("isocortex.study").joinpath("benchmarks", name).read_text(encoding="utf-8")


def _computed(
    network: Network | Responses, layers: Wanted, study: Study, folder: Path, progress: Shown
) -> StudyResult:
    """The study with this network alone, in a folder that does not stay."""
    todo = _plan(network, layers, study, folder)
    for each in todo.extractions:
        show(each, network, todo.stimuli, todo.study, progress)
    for batch in todo.batches:
        perform(batch, folder)
    recorder_of(folder).close()
    return StudyResult(replace(todo, known=known_records(folder)))


def _plan(network: Network | Responses, layers: Wanted, study: Study, folder: Path) -> StudyPlan:
    from isocortex.study.settings import NetworkSource

    known = called(network)
    name = re.sub(r"[/\\\x00-\x1f]", "_", known) or "network"
    wanted = layers if isinstance(layers, str) else list(layers)
    given = _in_common(study) if isinstance(network, Network) else {}
    source = NetworkSource(name=name, layers=wanted, **given)  # pyright: ignore[reportCallIssue]
    own = study.settings.study.model_copy(update={"results": str(folder)})
    settings = study.settings.model_copy(update={"network": [source], "study": own})
    return plan_with(Study(settings, study.text, study.folder), {name: network})


def _in_common(study: Study) -> dict[str, Any]:
    """Options of words that all networks of a study share, but for those of functions."""
    networks = [each for each in study.settings.network if each.feature is None]
    first = {name: getattr(networks[0], name) for name in _IN_COMMON} if networks else {}
    return {
        name: value
        for name, value in first.items()
        if all(getattr(each, name) == value for each in networks)
    }


def _rows(result: StudyResult, level: float) -> pd.DataFrame:
    failed = result.failed
    if len(failed):
        raise InputError(f"There is no score: {failed['reason'].iloc[0]}")
    return _ranked(result.table(), level)


def _ranked(table: Any, level: float) -> pd.DataFrame:
    return pd.concat(list(_each_region(table, level)), ignore_index=True)


def _each_region(table: Any, level: float) -> Iterator[Any]:
    people = table[table["subject"].notna() & table["score"].notna()]
    keys = ["method", "recording", "region"]
    for place, held in people.groupby(keys, observed=True, sort=False):
        names = dict(zip(keys, map(str, place), strict=True))
        ranked = ranked_networks(held, level).networks.assign(**names)
        shown = ranked[[*keys, "network", "layer", "score", "low", "high", "n"]]
        yield shown.astype({"low": "float64", "high": "float64"})


def _known(study: Study) -> pd.DataFrame:
    """What the study's own networks have, if it has been run."""
    if not (study.results / TABLE).is_file():
        return pd.DataFrame()
    ranked = _ranked(read_table(study.results), study.settings.statistics.level)
    return ranked.assign(computed=f"by the study {study.name!r}")


def _shipped(benchmark: str) -> pd.DataFrame:
    from io import StringIO

    return pd.read_csv(StringIO(_file(f"{benchmark}.csv")))
