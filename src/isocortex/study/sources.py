"""What a study compares with what, as models of pydantic: stimuli, networks, recordings."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Name = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f/\\]+$")]
"""What becomes a label and part of a file's name."""

STIMULI = ("dataset", "folder", "table", "words", "sentences", "audio", "video")
"""The keys of which one says where stimuli are."""

Feature = Literal[
    "word_rate",
    "word_length",
    "log_frequency",
    "embedding",
    "tf_idf",
    "envelope",
    "mel_spectrogram",
    "motion_energy",
]


class Part(BaseModel):
    """A table of the file, in which nothing may stand that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StimuliSource(Part):
    """What was shown: exactly one of the first seven."""

    dataset: str | None = Field(None, description="A data set by name, such as images92.")
    folder: str | None = Field(None, description="A folder of images.")
    table: str | None = Field(None, description="A CSV or TSV file that lists images.")
    words: str | list[str] | None = Field(
        None,
        description="The words of a story with their times: a TextGrid or a table; a list "
        "has one for each run.",
    )
    sentences: str | None = Field(None, description="A text file with a sentence in each line.")
    audio: str | list[str] | None = Field(None, description="Sounds: wav, flac, ogg, mp3 …")
    video: str | list[str] | None = Field(None, description="Films: mp4, mkv, webm …")
    clitics: Literal["keep", "join", "drop"] = Field(
        "keep", description="Of words: 's and 'll as words, at the word before, or left out."
    )
    tier: str | None = Field(None, description="Of words: the tier of a TextGrid.")
    window: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Of audio and video: cut into windows of so many seconds."
    )
    hop: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Seconds from one window to the next; default the window."
    )
    stamp: Literal["middle", "end"] = Field(
        "middle", description="The moment that a window stands for."
    )
    sort: Literal["given", "name"] = Field("given", description="The order of the rows.")

    @model_validator(mode="after")
    def _one_source(self) -> "StimuliSource":
        _one_of(self, *STIMULI)
        _belongs(self, ("clitics", "tier"), ("words", "dataset"))
        _belongs(self, ("window", "hop", "stamp"), ("audio", "video"))
        return self


class NetworkSource(Part):
    """One network, where it comes from, and its layers."""

    name: Name = Field(description="What it is called in tables and figures.")
    source: str | None = Field(
        None, description="What load_network takes: a name or a path; default the name."
    )
    weights: str | None = Field(
        None,
        description="A path of weights, a folder in ISOCORTEX_WEIGHTS, 'random', or nothing: "
        "a folder of its name there, or else those of its library, which are downloaded.",
    )
    seed: int = Field(0, ge=0, description="Of random weights.")
    layers: str | list[str] = Field(
        "main", description="'main', 'all', a pattern, or a list of names."
    )
    pooling: Literal["mean", "max", "first", "last"] | None = Field(
        None, description="Over space or tokens; nothing keeps all units."
    )
    context: Annotated[int, Field(ge=0)] | Literal["growing"] | None = Field(
        None, description="Of words: so many before each (default 40), or the whole run so far."
    )
    feature: Feature | None = Field(
        None, description="Instead of a network: a function of isocortex.features."
    )
    vectors: str | None = Field(None, description="Of the feature embedding: a file of vectors.")
    unknown: Literal["zero", "mean", "refuse"] = Field(
        "zero", description="Of the feature embedding: words that have no vector."
    )
    beside: list[Literal["word_rate", "word_length", "log_frequency"]] = Field(
        [], description="Features of words whose columns stand beside those of each layer."
    )

    @model_validator(mode="after")
    def _of_one_kind(self) -> "NetworkSource":
        if self.feature is not None:
            for name in ("source", "weights", "layers", "pooling", "context"):
                if name in self.model_fields_set:
                    raise ValueError(
                        f"{name} is of networks, and this is the feature {self.feature}"
                    )
        if (self.feature == "embedding") != (self.vectors is not None):
            raise ValueError("the feature embedding and its vectors belong together")
        _belongs(self, ("unknown",), ("vectors",))
        return self


class Bids(Part):
    """A study in BIDS that fMRIPrep has preprocessed, and how events become responses."""

    root: str = Field(description="The raw study, in which sub-01 … and derivatives/ lie.")
    derivatives: str = Field(
        "derivatives/fmriprep", description="Where the preprocessed files are, from the root."
    )
    task: str | None = Field(None, description="Needed where there are several.")
    space: str | None = Field(
        None, description="Such as MNI152NLin2009cAsym; needed where there are several."
    )
    entities: dict[str, str | list[str]] = Field(
        {}, description="Other parts of the names: {ses = '1', res = '2'}."
    )
    condition: str = Field(
        "trial_type", description="The column of the events that says what was shown."
    )
    match: Literal["name", "file"] = Field(
        "name",
        description="Whether that column holds names of stimuli, or files, which are called by "
        "their names without folder and ending.",
    )
    ignore: list[str] = Field(
        [], description="Conditions that are no stimuli, such as rest: modelled, then left out."
    )
    betas: Literal["lss", "lsa"] | None = Field(
        None, description="Betas of single trials, whose mean is taken over repeats."
    )
    others: Literal["all", "condition"] = Field(
        "all", description="Of lss: the other trials as one regressor, or one for each condition."
    )
    hrf: Literal["spm", "glover"] = Field("spm", description="Of the betas.")
    high_pass: float = Field(0.01, ge=0, description="Of the betas: cutoff of the drifts, in Hz.")
    lag: Annotated[float, Field(ge=0, lt=60)] | Literal["hrf"] | None = Field(
        None, description="Instead of betas: volumes so many seconds after an event, or 'hrf'."
    )
    confounds: (
        list[str]
        | Literal["simple", "scrubbing", "compcor"]
        | dict[str, str | float | bool | list[str]]
        | None
    ) = Field(
        None,
        description="Columns of fMRIPrep's table, a strategy of nilearn, or keywords of its "
        "load_confounds: {strategy = ['motion', 'wm_csf'], motion = 'basic'}. Default: none.",
    )
    mask: str | None = Field(
        None, description="Paths of masks, with {subject} and {region} or without."
    )
    atlas: str | None = Field(
        None, description="An image of numbers, one for each region, with {subject} or without."
    )
    labels: str | None = Field(
        None, description="The atlas's regions: a table with the columns index and name."
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Bids":
        _one_of(self, "betas", "lag")
        if self.mask is not None and self.atlas is not None:
            raise ValueError("mask and atlas are two ways to regions; give one of them")
        if (self.atlas is None) != (self.labels is None):
            raise ValueError("atlas and labels belong together: numbers, and what they are called")
        return self


class Series(Part):
    """A recording in time, which stories, sounds and films are compared with."""

    tr: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Seconds from volume to volume, where the files do not tell onsets."
    )
    first: int = Field(
        0, ge=0, description="Of such files: which volume of the run the first row is, from 0."
    )
    columns: list[Name] | None = Field(
        None, min_length=1, description="Of files of plain numbers: the region of each column."
    )
    clean: bool = Field(
        True, description="Take trends out of each run and bring it to a standard deviation of 1."
    )
    average: bool = Field(
        False, description="One series: the mean over subjects, each cleaned before."
    )


class RecordingSource(Part):
    """One kind of recording: a data set by name, files of subjects and regions, or BIDS."""

    name: Name = Field(description="What it is called in tables and figures.")
    dataset: str | None = Field(None, description="A data set by name, such as images92.")
    files: str | None = Field(
        None,
        description="Paths with {subject} and {region}, such as 'fmri/{subject}_{region}.npz'.",
    )
    mask: str | None = Field(
        None,
        description="For brain images: paths of masks, with {subject} and {region} or without.",
    )
    volumes: str | None = Field(
        None,
        description="For brain images: a table of each, with what every volume shows in a column "
        "'stimulus', such as 'betas/{subject}.tsv'.",
    )
    bids: Bids | None = Field(None, description="A study in BIDS, preprocessed by fMRIPrep.")
    background: str | None = Field(
        None,
        description="For brain images: anatomy below maps on the page, such as "
        "'anatomy/{subject}.nii.gz', or 'mni' for images in that space.",
    )
    series: Series | None = Field(
        None, description="Of recordings in time; those of the data set alice are."
    )
    subjects: list[Name] | None = Field(None, min_length=1, description="Default: all there are.")
    without: list[Name] = Field([], description="Subjects that are left out.")
    regions: list[Name] | None = Field(
        None, min_length=1, description="In the order of the hierarchy. Default: all there are."
    )

    @model_validator(mode="after")
    def _one_source(self) -> "RecordingSource":
        _one_of(self, "dataset", "files", "bids")
        if self.mask is not None and self.files is None:
            raise ValueError("mask belongs to files; data sets have their own, and BIDS its table")
        if self.series is not None and (self.bids or self.mask):
            raise ValueError(
                "a series is read from files of regions, not from BIDS or by masks; write the "
                "regions' series to files (ic.save) and name those"
            )
        if (self.mask is None) != (self.volumes is None):
            raise ValueError("mask and volumes belong together: where, and what is shown when")
        if self.background is not None and self.mask is None and self.bids is None:
            raise ValueError("background belongs to brain images, which have a mask, or to BIDS")
        return self


def _one_of(part: BaseModel, *fields: str) -> None:
    given = [field for field in fields if getattr(part, field) is not None]
    if len(given) != 1:
        wanted = ", ".join(fields[:-1]) + f" or {fields[-1]}"
        raise ValueError(f"give one of {wanted}, not {' and '.join(given) or 'none'}")


def _belongs(part: BaseModel, options: Sequence[str], to: Sequence[str]) -> None:
    given = [name for name in options if name in part.model_fields_set]
    if given and not any(getattr(part, each) is not None for each in to):
        raise ValueError(f"{given[0]} belongs to {' or '.join(to)}")
