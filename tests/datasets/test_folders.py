import hashlib

import pytest

import isocortex as ic
from isocortex.datasets import folders
from isocortex.datasets.registry import DATASETS, Dataset, RemoteFile


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A data set of one file, registered for one test, and a cache that is empty."""
    content = b"ten bytes!"
    file = RemoteFile("in/a.txt", "https://example.org/a.txt", hashlib.sha256(content).hexdigest())

    class Small(Dataset):
        files = (file,)

    monkeypatch.setitem(DATASETS, "small", Small("small", "", ""))
    monkeypatch.setenv("ISOCORTEX_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(folders, "beside_checkout", lambda: tmp_path / "shared")
    pooch = pytest.importorskip("pooch")
    monkeypatch.setattr(pooch, "os_cache", lambda _: tmp_path / "cache")
    return content


def put(folder, content):
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "a.txt").write_bytes(content)
    return folder


def answer(monkeypatch, action):
    import pooch

    class Downloader:
        def __call__(self, url, output_file, pooch):
            action(output_file)

    monkeypatch.setattr(pooch.core, "choose_downloader", lambda *_args, **_kw: Downloader())


@pytest.mark.parametrize("place", ["data/small", "data", "shared/data/small"])
def test_what_lies_on_the_machine_is_used(small, tmp_path, place):
    folder = put(tmp_path / place, small)
    assert ic.datasets.fetch("small") == folder


def test_a_file_with_other_bytes_is_refused(small, tmp_path):
    put(tmp_path / "data" / "small", b"other")
    with pytest.raises(ic.FormatError, match=r"sha256 differs\): 'in/a.txt'"):
        ic.datasets.fetch("small")


def test_what_is_missing_is_fetched_once_and_checked(small, tmp_path, monkeypatch):
    calls = []

    def write(output):
        calls.append(output)
        with open(output, "wb") as file:  # noqa: PTH123
            file.write(small)

    answer(monkeypatch, write)
    folder = ic.datasets.fetch("small")
    assert (folder / "in" / "a.txt").read_bytes() == small
    assert ic.datasets.fetch("small") == folder
    assert len(calls) == 1


def test_other_bytes_from_the_net_are_refused(small, monkeypatch):
    def write(output):
        with open(output, "wb") as file:  # noqa: PTH123
            file.write(b"a page that says sorry")

    answer(monkeypatch, write)
    with pytest.raises(ic.FormatError, match="gave other bytes than those that are registered"):
        ic.datasets.fetch("small")


def test_offline_is_told_in_a_sentence(small, monkeypatch):
    def fail(output):
        raise ConnectionError("Temporary failure in name resolution")

    answer(monkeypatch, fail)
    with pytest.raises(ic.NotFoundError, match=r"could not be fetched .*offline\?.*ISOCORTEX_DATA"):
        ic.datasets.fetch("small")


def test_a_set_that_cannot_be_fetched_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.delenv("ISOCORTEX_DATA", raising=False)
    monkeypatch.setattr(folders, "beside_checkout", lambda: tmp_path)
    with pytest.raises(ic.NotFoundError, match=r"To get it: pip download .*PcmPy==1.2.0"):
        ic.datasets.fetch("finger7t")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ic.InputError, match=r"no data set 'image92'. Did you mean 'images92'\?"):
        ic.datasets.fetch("image92")


@pytest.mark.parametrize("name", sorted(set(DATASETS) - {"small"}))
def test_the_registry_is_whole(name):
    dataset = DATASETS[name]
    assert dataset.files
    assert len({file.name for file in dataset.files}) == len(dataset.files)
    assert all(len(file.sha256) == 64 for file in dataset.files)
    fetchable = all(
        file.url.startswith("https://raw.githubusercontent.com/") for file in dataset.files
    )
    assert fetchable != bool(dataset.by_hand)


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_the_real_files_are_those_registered(name, shared, monkeypatch):
    monkeypatch.setenv("ISOCORTEX_DATA", str(shared / "data"))
    assert ic.datasets.fetch(name) == shared / "data" / name


def test_weights_are_looked_up_by_name(tmp_path, monkeypatch):
    from isocortex.datasets import weights

    monkeypatch.setattr(weights, "beside_checkout", lambda: tmp_path / "shared")
    monkeypatch.setenv("ISOCORTEX_WEIGHTS", str(tmp_path / "mine"))
    with pytest.raises(ic.NotFoundError, match=r"no weights 'alexnet'.*There are: none"):
        ic.datasets.local_weights("alexnet")
    (tmp_path / "shared" / "weights" / "alexnet").mkdir(parents=True)
    assert ic.datasets.local_weights("alexnet") == tmp_path / "shared" / "weights" / "alexnet"
    (tmp_path / "mine" / "alexnet").mkdir(parents=True)
    assert ic.datasets.local_weights("alexnet") == tmp_path / "mine" / "alexnet"


@pytest.mark.parametrize("name", ["alexnett", "AlexNet", "alexnet/", "../weights/alexnet", ""])
def test_a_misspelt_name_of_weights_is_never_taken_for_random_ones(name, tmp_path, monkeypatch):
    (tmp_path / "alexnet").mkdir()
    monkeypatch.setenv("ISOCORTEX_WEIGHTS", str(tmp_path))
    with pytest.raises(ic.NotFoundError, match=r"There are no weights .*There are: .*'alexnet'"):
        ic.datasets.local_weights(name)
    with pytest.raises(ic.NotFoundError, match="Did you mean 'alexnet'"):
        ic.datasets.local_weights("alexnett")
