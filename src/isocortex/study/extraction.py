"""What a worker does with a network: load it, and extract all layers that a study wants of it."""

from contextlib import suppress
from pathlib import Path

from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.datasets.weights import local_weights
from isocortex.errors import NotFoundError
from isocortex.files.save import save
from isocortex.jobs.leases import lease
from isocortex.networks.extract import extract
from isocortex.networks.load import load_network
from isocortex.networks.network import Network
from isocortex.progress import Shown
from isocortex.study.features import keep_feature
from isocortex.study.looks import context_of
from isocortex.study.sources import NetworkSource
from isocortex.study.stimuli import stimuli_of
from isocortex.study.study import Study
from isocortex.study.tasks import Extraction
from isocortex.study.work import TURN, Done, reason_of

RANDOM = "random"


def load(source: NetworkSource, folder: Path) -> Network:
    """The network of a study, with weights that are found by one rule.

    ``"random"``: those of a fresh module. A path, from the study's folder; or the name of a
    folder of local weights (``ISOCORTEX_WEIGHTS``). Left out: the local folder of the network's
    own name, and where there is none, what the network's library downloads.
    """
    name = source.source or source.name
    beside = folder / name
    place = str(beside) if beside.exists() and ("/" in name or "." in name) else name
    if source.weights == RANDOM:
        return load_network(place, weights=None, seed=source.seed, name=source.name)
    if source.weights is not None:
        return load_network(place, weights=_weights(source.weights, folder), name=source.name)
    with suppress(NotFoundError):
        local = local_weights(name)
        if (local / "config.json").is_file():
            return load_network(local, name=source.name)
        return load_network(place, weights=local, name=source.name)
    return load_network(place, name=source.name)


def _weights(given: str, folder: Path) -> Path:
    beside = folder / given
    if beside.exists() or "/" in given or Path(given).suffix:
        return beside
    return local_weights(given)


def perform_extraction(extraction: Extraction, study: Study, progress: Shown = None) -> Done:
    """Extract all layers of a network into its store, unless another run has it in hand."""
    try:
        with TURN, lease(study.results, extraction.key) as ours:
            if not ours:
                return Done(extraction.name, busy=True)
            stimuli = stimuli_of(study.settings.stimuli, study.folder)
            show(extraction, None, stimuli, study, progress)
    except Exception as error:
        return Done(extraction.name, failed=((extraction.name, reason_of(error)),))
    return Done(extraction.name, 1)


def show(
    extraction: Extraction,
    network: Network | Responses | None,
    stimuli: Stimuli,
    study: Study,
    progress: Shown = None,
) -> None:
    """Extract a network, loaded here unless it is given, or keep what a function gives."""
    source, into = extraction.source, study.results / extraction.store
    if isinstance(network, Responses):
        save(network, into)
        return
    if source.feature is not None:
        keep_feature(source, stimuli, study.folder, into)
        return
    extract(
        load(source, study.folder) if network is None else network,
        stimuli,
        [layer.layer for layer in extraction.layers],
        into,
        pooling=source.pooling,
        context=context_of(source),
        keep=extraction.keep,
        progress=progress,
    )
