"""The noun Study: what is compared with what, and how, read from a file of TOML."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isocortex.choice import counted
from isocortex.data.needs import door
from isocortex.display.shown import shown
from isocortex.errors import FormatError, MissingDependencyError, NotFoundError
from isocortex.reading import reading
from isocortex.study.cards import of_study
from isocortex.study.problems import Problem, refuse
from isocortex.study.schema import of_schema

if TYPE_CHECKING:
    from isocortex.study.settings import Settings

LARGEST = 1_000_000
"""Bytes of a study file; whatever is larger is something else."""


@door
@shown(of_study)
@dataclass(frozen=True, repr=False)
class Study:
    """Networks, stimuli, recordings and methods, written down once.

    Most users write a file, which ``isocortex study init`` begins, and call :meth:`from_toml`.

    Parameters
    ----------
    settings : Settings
        The file's content, checked.
    text : str
        The file as it was written; a copy stands beside the results.
    folder : Path
        What paths in it are relative to.

    See Also
    --------
    plan : What there is to do, before anything is done.
    run : Does it.
    report : A page that shows what came out.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import isocortex as ic
    >>> text = '''
    ... [study]
    ... name = "objects"
    ... [stimuli]
    ... folder = "images"
    ... [[network]]
    ... name = "cifar10_resnet20"
    ... [[recording]]
    ... name = "fMRI"
    ... files = "fmri/{subject}_{region}.npz"
    ... [[method]]
    ... name = "RSA"
    ... kind = "rsa"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "study.toml").write_text(text)
    ...     study = ic.Study.from_toml(f"{folder}/study.toml")
    >>> study
    Study('objects': 1 network, 1 recording, 1 method)
    """

    settings: "Settings"
    text: str
    folder: Path

    @classmethod
    def from_toml(cls, path: str | Path) -> "Study":
        """Read a study file.

        Parameters
        ----------
        path : path
            TOML. What may stand in it is on the documentation's page on studies, and in the
            schema that ``isocortex study init`` writes beside it, by which editors complete.

        Returns
        -------
        Study

        Raises
        ------
        NotFoundError
            If there is no such file.
        FormatError
            If it is no TOML, or has more than 1 MB.
        InputError
            If it says what a study cannot say; all of it in one list, with line numbers.
        MissingDependencyError
            If pydantic is not installed.
        """
        path = Path(path)
        if not path.is_file():
            raise NotFoundError(
                f"There is no study file {str(path)!r}. `isocortex study init` writes one to "
                "begin with."
            )
        if path.stat().st_size > LARGEST:
            raise FormatError(
                f"{str(path)!r} is no study file: it has {path.stat().st_size / 1e6:.3g} MB, and "
                f"they have {LARGEST / 1e6:.0f} MB at most."
            )
        with reading(path, "a study file", alone=True):
            text = path.read_bytes().decode("utf-8-sig")
        return cls.from_text(text, path.parent, repr(str(path)))

    @classmethod
    def from_text(cls, text: str, folder: str | Path, name: str = "given as text") -> "Study":
        """The same from a text; ``folder`` is what paths in it are relative to."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise FormatError(f"The study {name} is no TOML: {error}.") from None
        return cls(_checked(data, text, name), text, Path(folder).resolve())

    @property
    def name(self) -> str:
        """What the study is called."""
        return self.settings.study.name

    @property
    def results(self) -> Path:
        """The folder of its results."""
        return self.folder / self.settings.study.results

    def __repr__(self) -> str:
        has = self.settings
        counts = [
            counted(len(each), what)
            for what, each in (
                ("network", has.network),
                ("recording", has.recording),
                ("method", has.method),
            )
        ]
        return f"Study({self.name!r}: {', '.join(counts)})"


def _checked(data: dict[str, Any], text: str, name: str) -> "Settings":
    try:
        from pydantic import ValidationError

        from isocortex.study.settings import Settings
    except ImportError:
        raise MissingDependencyError(
            "Studies need pydantic, which is not installed: pip install 'isocortex[study]'"
        ) from None
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        found = of_schema([dict(each) for each in error.errors()], data, Settings)
        refuse(found, text, name)
        raise
    refuse(_unknown_recordings(settings), text, name)
    return settings


def _unknown_recordings(settings: "Settings") -> list[Problem]:
    known = [each.name for each in settings.recording]
    return [
        Problem(
            f"the method {method.name!r} is for the recording {name!r}, which the study lacks. "
            f"It has: {', '.join(known)}.",
            ("method", i, "recordings"),
        )
        for i, method in enumerate(settings.method)
        for name in method.recordings or ()
        if name not in known
    ]
