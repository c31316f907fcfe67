"""What a study file may say, as models of pydantic: types, bounds, and words for editors."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

Name = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f/\\]+$")]
"""What becomes a label and part of a file's name."""

Comparison = Literal[
    "pearson",
    "spearman",
    "kendall",
    "rho_a",
    "cosine",
    "whitened_cosine",
    "whitened_correlation",
]


class Part(BaseModel):
    """A table of the file, in which nothing may stand that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class About(Part):
    """What the study is called, and where its results go."""

    name: Name = Field(description="The name of the study.")
    results: str = Field("results", description="A folder, relative to this file.")
    seed: int = Field(0, ge=0, description="Of everything that is drawn.")


class StimuliSource(Part):
    """What was shown: exactly one of the three."""

    dataset: str | None = Field(None, description="A data set by name, such as images92.")
    folder: str | None = Field(None, description="A folder of images.")
    table: str | None = Field(None, description="A CSV or TSV file that lists images.")
    sort: Literal["given", "name"] = Field("given", description="The order of the rows.")

    @model_validator(mode="after")
    def _one_source(self) -> "StimuliSource":
        _one_of(self, "dataset", "folder", "table")
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
    subjects: list[Name] | None = Field(None, min_length=1, description="Default: all there are.")
    regions: list[Name] | None = Field(
        None, min_length=1, description="In the order of the hierarchy. Default: all there are."
    )

    @model_validator(mode="after")
    def _one_source(self) -> "RecordingSource":
        _one_of(self, "dataset", "files", "bids")
        if self.mask is not None and self.files is None:
            raise ValueError("mask belongs to files; data sets have their own, and BIDS its table")
        if (self.mask is None) != (self.volumes is None):
            raise ValueError("mask and volumes belong together: where, and what is shown when")
        return self


class MethodBase(Part):
    """What methods of every kind have."""

    name: Name = Field(description="What it is called in tables and figures.")
    recordings: list[Name] | None = Field(
        None, description="Names of recordings it is for; default: all that it can take."
    )


class RSA(MethodBase):
    """RDMs of layers against RDMs of brains."""

    kind: Literal["rsa"]
    dissimilarity: Literal["correlation", "cosine", "euclidean", "squared_euclidean"] = Field(
        "correlation", description="Of layers, and of recordings that are no RDMs yet."
    )
    comparison: Comparison = Field("spearman", description="Of two RDMs.")
    permutations: int = Field(0, ge=0, description="Relabellings of stimuli, for p.")


class Similarity(MethodBase):
    """CKA and its relatives, without RDMs."""

    kind: Literal["similarity"]
    index: Literal["cka", "cka_unbiased", "procrustes"] = Field("cka", description="The index.")


class Mapped(MethodBase):
    """What encoding and decoding have in common."""

    model: Literal["ridge", "ols", "pcr", "pls"] = Field("ridge", description="The regression.")
    penalties: list[float] = Field(
        [1.0, 10.0, 100.0, 1e3, 1e4, 1e5], min_length=1, description="Of ridge regression."
    )
    components: PositiveInt = Field(25, description="Of PCR and PLS.")
    folds: int = Field(5, ge=2, description="Folds of neighbouring stimuli.")
    shuffle: bool = Field(True, description="Whether stimuli are shuffled before, by the seed.")
    accuracy: Literal["pearson", "spearman", "r2"] = Field("pearson", description="Of a unit.")
    summary: Literal["mean", "median"] = Field("mean", description="Over units.")


class Encoding(Mapped):
    """Voxels predicted from a layer."""

    kind: Literal["encoding"]
    maps: bool = Field(True, description="Whether the scores of single voxels are kept.")


class Decoding(Mapped):
    """Units of a layer predicted from voxels."""

    kind: Literal["decoding"]
    maps: bool = Field(False, description="Whether the scores of single units are kept.")


Method = Annotated[RSA | Similarity | Encoding | Decoding, Field(discriminator="kind")]

METHODS: dict[str, type[MethodBase]] = {
    "rsa": RSA,
    "similarity": Similarity,
    "encoding": Encoding,
    "decoding": Decoding,
}
"""By what stands under ``kind``."""


class Statistics(Part):
    """What is said of people."""

    level: float = Field(0.95, gt=0, lt=1, description="Of intervals over subjects.")


class Cluster(Part):
    """Where to submit jobs, for run(where="cluster")."""

    scheduler: Literal["slurm", "pbs", "lsf"] = Field(description="Which one.")
    jobs: PositiveInt = Field(description="How many jobs are wanted at a time.")
    cores: PositiveInt = Field(1, description="Of a job: so many workers of one thread.")
    memory: str = Field("4GB", description="Of a job, such as 16GB.")
    walltime: str = Field("01:00:00", description="Of a job, hours:minutes:seconds.")
    queue: str | None = Field(None, description="The partition.")
    account: str | None = Field(None, description="Who pays.")
    interface: str | None = Field(None, description="The network between nodes, such as ib0.")
    directives: list[str] = Field([], description="Further lines, such as '--gres=gpu:1'.")
    skip_directives: list[str] = Field([], description="Those that the cluster forbids: '--mem'.")


class Settings(Part):
    """All of a study file."""

    study: About
    stimuli: StimuliSource
    network: list[NetworkSource] = Field(min_length=1)
    recording: list[RecordingSource] = Field(min_length=1)
    method: list[Method] = Field(min_length=1)
    statistics: Statistics = Statistics()  # pyright: ignore[reportCallIssue]
    cluster: Cluster | None = None

    @model_validator(mode="after")
    def _names_once(self) -> "Settings":
        for what in ("network", "recording", "method"):
            names = [each.name for each in getattr(self, what)]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"two tables [[{what}]] are called {twice[0]!r}")
        return self


def _one_of(part: BaseModel, *fields: str) -> None:
    given = [field for field in fields if getattr(part, field) is not None]
    if len(given) != 1:
        wanted = ", ".join(fields[:-1]) + f" or {fields[-1]}"
        raise ValueError(f"give one of {wanted}, not {' and '.join(given) or 'none'}")


def schema() -> dict[str, Any]:
    """The JSON schema, by which editors complete and check study files."""
    return Settings.model_json_schema()
