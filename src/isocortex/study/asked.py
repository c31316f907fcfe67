"""What a study asks for, looked at piece by piece, and all that is wrong with it."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from isocortex.choice import listed
from isocortex.data.responses import Responses
from isocortex.data.stimuli import Stimuli
from isocortex.errors import IsocortexError
from isocortex.networks.network import Network
from isocortex.study.bids import refuse_other_names
from isocortex.study.cluster import problems_with
from isocortex.study.extraction import RANDOM, load
from isocortex.study.features import refuse_other_stimuli
from isocortex.study.given import look_at_values
from isocortex.study.keys import FileKeys
from isocortex.study.layers import Passes, Shown, fits, passes_of, shown
from isocortex.study.looks import Look, look_at, look_at_feature
from isocortex.study.methods import METHODS
from isocortex.study.problems import MisplacedError, Problem
from isocortex.study.recordings import Recorded, chosen, is_series, recorded_in, selected
from isocortex.study.remembered import Remembered, look_key
from isocortex.study.results import about
from isocortex.study.series import SeriesInTime, check_times
from isocortex.study.settings import Method, NetworkSource, RecordingSource
from isocortex.study.stimuli import given_by, stimuli_of
from isocortex.study.study import Study

T = TypeVar("T")


class Asked:
    """What a study asks for, looked at piece by piece; whatever is wrong is put on a list."""

    def __init__(self, study: Study, networks: Mapping[str, Network | Responses]):
        self.study = study
        self.networks = networks
        self.problems: list[Problem] = []
        self.held = about(study.results)
        self.files = FileKeys(self.held.get("files"))
        self.remembered = Remembered(study.results)

    def tried(self, where: tuple[str | int, ...], work: Callable[[], T]) -> T | None:
        """What ``work`` gives; a sentence on the list if it cannot."""
        try:
            return work()
        except MisplacedError as error:
            found = Problem(str(error), (*where, *error.where))
        except IsocortexError as error:
            found = Problem(_in_words_of_the_file(str(error)), where)
        if found not in self.problems:
            self.problems.append(found)
        return None

    def look_at_results(self) -> None:
        """Results of another study are not added to."""
        other = self.held.get("study", self.study.name)
        if other != self.study.name:
            self.problems.append(
                Problem(
                    f"the folder {str(self.study.results)!r} has the results of the study "
                    f"{other!r}; choose another with results = … .",
                    ("study", "results"),
                )
            )

    def look_at_disk(self, n_left: int | None) -> None:
        """Whatever is left to do (None: who knows) needs a folder that can be written to."""
        there = _existing(self.study.results)
        if n_left != 0 and not can_be_written(there):
            self.problems.append(
                Problem(
                    f"the folder {str(there)!r} cannot be written to, where results are to go.",
                    ("study", "results"),
                )
            )

    def look_at_cluster(self) -> None:
        """Jobs that this machine's scheduler would never start."""
        if self.study.settings.cluster is not None:
            self.problems += problems_with(self.study.settings.cluster)

    def stimuli(self) -> Stimuli | None:
        """The stimuli, from whichever of the three places the study names."""
        source = self.study.settings.stimuli
        place = ("stimuli", given_by(source))
        return self.tried(place, lambda: stimuli_of(source, self.study.folder))

    def recordings(self) -> dict[str, list[Recorded]]:
        """Subjects and regions of each recording by its name."""
        return {
            source.name: self._recording(i, source)
            for i, source in enumerate(self.study.settings.recording)
        }

    def _recording(self, i: int, source: RecordingSource) -> list[Recorded]:
        here = ("recording", i)
        place = () if source.bids else ("files" if source.dataset is None else "dataset",)
        found = self.tried(
            (*here, *place), lambda: recorded_in(source, self.study.folder, self.files)
        )
        if found is None:
            return []
        subjects = self.tried(here, lambda: chosen(source, "subject", found))
        regions = self.tried(here, lambda: chosen(source, "region", found))
        if subjects is None or regions is None:
            return []
        wanted = self.tried((*here, "regions"), lambda: selected(source, found, subjects, regions))
        return wanted or []

    def taken_by_methods(
        self, recorded: Mapping[str, Sequence[Recorded]]
    ) -> dict[str, list[Recorded]]:
        """The recordings that each method is for."""
        kinds = {
            name: self.tried(self._table_of(i), lambda places=places: type(places[0].load()))
            for i, (name, places) in enumerate(recorded.items())
            if places
        }
        found: dict[str, list[Recorded]] = {}
        for i, method in enumerate(self.study.settings.method):
            able = [
                name
                for name, kind in kinds.items()
                if kind is not None and issubclass(kind, METHODS[method.kind].takes)
            ]
            self._refuse_unable(i, method, able, kinds)
            wanted = method.recordings or able
            found[method.name] = [
                each for name in wanted for each in recorded[name] if name in able
            ]
        return found

    def _table_of(self, i: int) -> tuple[str | int, ...]:
        """Where the file says how a recording is read."""
        return ("recording", i, *(("bids",) if self.study.settings.recording[i].bids else ()))

    def _refuse_unable(
        self, i: int, method: Method, able: Sequence[str], kinds: Mapping[str, type | None]
    ) -> None:
        takes = " or ".join(kind.__name__ for kind in METHODS[method.kind].takes)
        for name in method.recordings or ():
            if name in kinds and name not in able and kinds[name] is not None:
                what = kinds[name].__name__  # pyright: ignore[reportOptionalMemberAccess]
                self.problems.append(
                    Problem(
                        f"the method {method.name!r} ({method.kind}) takes {takes}; the recording "
                        f"{name!r} is {what}.",
                        ("method", i, "recordings"),
                    )
                )
        looked_at = len(kinds) == len(self.study.settings.recording) and None not in kinds.values()
        if not able and looked_at and not method.recordings:
            self.problems.append(
                Problem(
                    f"the method {method.name!r} ({method.kind}) takes {takes}, and the study has "
                    "no such recording.",
                    ("method", i),
                )
            )

    def check_names(
        self, stimuli: Stimuli | None, recorded: Mapping[str, Sequence[Recorded]]
    ) -> None:
        """The first subject of each region must have the stimuli that were shown."""
        if stimuli is None:
            return
        shown = set(stimuli.names)
        sources = self.study.settings.recording
        for i, (source, places) in enumerate(zip(sources, recorded.values(), strict=True)):
            if source.bids is not None and places:
                before = len(self.problems)
                self.tried(
                    ("recording", i),
                    lambda source=source: refuse_other_names(
                        source, self.study.folder, stimuli.names
                    ),
                )
                if len(self.problems) > before:
                    continue
            first = {each.region: each for each in reversed(places)}
            for each in first.values():
                noun = self.tried(self._table_of(i), each.load)
                if isinstance(noun, SeriesInTime):
                    self.tried(("recording", i), lambda noun=noun: check_times(stimuli, noun))
                    continue
                if noun is None or set(noun.stimuli) == shown:
                    continue
                lacking = [name for name in stimuli.names if name not in set(noun.stimuli)]
                further = [name for name in noun.stimuli if name not in shown]
                said = [
                    *([f"lacks {listed(lacking, 4)}"] if lacking else []),
                    *([f"has {listed(further, 4)} beside"] if further else []),
                ]
                self.problems.append(
                    Problem(
                        f"the recording {each.recording!r} (subject {each.subject}, region "
                        f"{each.region}) is not of the stimuli of the study: it "
                        f"{' and '.join(said)}.",
                        ("recording", i),
                    )
                )

    def passes(self, stimuli: Stimuli | None) -> list[Passes]:
        """The extraction of each network."""
        if stimuli is None:
            return []
        seen = self.tried(("stimuli",), lambda: shown(stimuli))
        if seen is None:
            return []
        settings = self.study.settings
        whole = self.in_time or any(METHODS[each.kind].activations for each in settings.method)
        keep = "activations" if whole else "grams"
        found = []
        for i, source in enumerate(settings.network):
            look = self._look(i, source, seen)
            if look is not None:
                found.append(passes_of(source, look, seen, keep, self.study.results))
        return found

    @property
    def in_time(self) -> bool:
        """Whether a recording is a series."""
        return any(map(is_series, self.study.settings.recording))

    def _look(self, i: int, source: NetworkSource, seen: Shown) -> Look | None:
        here, folder = ("network", i), self.study.folder
        first = next((each for each in ("beside", "feature") if getattr(source, each)), "name")
        before = len(self.problems)
        self.tried((*here, first), lambda: refuse_other_stimuli(source, seen.stimuli))
        if len(self.problems) > before:
            return None
        held = self.networks.get(source.name)
        if isinstance(held, Responses):
            return look_at_values(held)
        if source.feature is not None:
            named = "vectors" if source.vectors else "feature"
            return self.tried(
                (*here, named), lambda: look_at_feature(source, seen.stimuli, folder, self.files)
            )
        key = None if held is not None else look_key(source, seen.contents, self.in_time, folder)
        look = self.remembered.get(key)
        if look is None:
            look = self._looked_at(i, source, seen)
            if look is not None:
                self.remembered.put(key, look)
        return look

    def _looked_at(self, i: int, source: NetworkSource, seen: Shown) -> Look | None:
        named = "name" if source.source is None else "source"
        first = named if source.weights in (None, RANDOM) else "weights"
        network = self.tried(("network", i, first), lambda: self._network(source))
        if network is None:
            return None
        return self.tried(
            ("network", i, "layers"), lambda: look_at(source, network, seen.stimuli, self.in_time)
        )

    def _network(self, source: NetworkSource) -> Network:
        held = self.networks.get(source.name)
        return held if isinstance(held, Network) else load(source, self.study.folder)

    def check_room(self, passes: Sequence[Passes], stimuli: Stimuli | None) -> None:
        """Stores must fit on the disk, comparisons in memory."""
        needed = sum(each.gigabytes for each in passes)
        free = shutil.disk_usage(_existing(self.study.results)).free / 1e9
        if needed > free:
            self.problems.append(
                Problem(
                    f"the activations take {needed:.3g} GB, and {free:.3g} GB are free in "
                    f"{str(self.study.results)!r}. Ask for fewer layers, pool them, or leave out "
                    "methods of kind decoding: the others need the inner products of stimuli only.",
                    ("study", "results"),
                )
            )
        layers = [layer for each in passes for layer in each.extraction.layers]
        if stimuli is not None and not fits(layers, len(stimuli)):
            self.problems.append(
                Problem(
                    f"inner products of {len(stimuli)} stimuli do not fit in memory.", ("stimuli",)
                )
            )


def can_be_written(folder: Path) -> bool:
    """Whether files can be put into a folder."""
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _in_words_of_the_file(said: str) -> str:
    """What errors of verbs advise, as the file says it."""
    said = said.replace("load_network(..., weights=None)", 'weights = "random"')
    return said.replace("weights=None", 'weights = "random"')
