import itertools

import pytest

import isocortex as ic
from isocortex.data.names import check_same, checked_names, natural_key, positions
from isocortex.errors import InputError, MisalignedError


def test_natural_order():
    names = ["img10", "img2", "Img1", "a", "10", "9"]
    assert sorted(names, key=natural_key) == ["9", "10", "a", "Img1", "img2", "img10"]


def test_names_become_strings_and_must_be_unique():
    assert checked_names([1, 2], 2, "X") == ("1", "2")
    with pytest.raises(ic.InputError, match="'a' occur more than once"):
        checked_names(["a", "b", "a"], 3, "X")
    with pytest.raises(ic.InputError, match="X has 3 rows but 2 stimulus names"):
        checked_names(["a", "b"], 3, "X")
    with pytest.raises(ic.InputError, match="not the string 'abc'"):
        checked_names("abc", 3, "X")


def test_positions_by_name():
    assert positions(["c", "a", "b"], ["a", "c"], "X").tolist() == [1, 0]
    with pytest.raises(ic.MisalignedError, match="no rows for 1 of 2 stimuli: 'z'"):
        positions(["c", "a"], ["a", "z"], "X")


def test_both_sides_of_a_mismatch_are_told():
    check_same("abc", "cab", "X")
    with pytest.raises(
        ic.MisalignedError,
        match=r"1 only in the first \('a'\); 1 only in the "
        r"second \('d'\); 2 in common.*join='inner'",
    ):
        check_same("abc", "bcd", "X")


def test_blanks_before_a_number_do_not_count():
    names = [f"Stimulus/S{n:3d}" for n in (100, 10, 2, 1)]
    assert sorted(names, key=natural_key) == names[::-1]
    assert sorted(["a 10", "a2", "a"], key=natural_key) == ["a", "a2", "a 10"]


def test_the_order_of_a_set_never_depends_on_how_it_was_stored():
    names = ["Face", "face", "FACE", "img1", "img01", "img 1", "img001"]
    orders = {tuple(sorted(each, key=natural_key)) for each in itertools.permutations(names)}
    assert len(orders) == 1


def test_a_name_of_many_rows_has_no_place():
    with pytest.raises(ic.InputError, match="who: 3 rows have 2 different names.*Average"):
        positions(["a", "b", "a"], ["a"], "who")


def test_a_name_is_no_array(rng):
    pixels = rng.random((3, 4, 4))
    with pytest.raises(InputError, match=r"of row 0 is an array of shape \(4, 4\)\. Were names"):
        ic.Stimuli(pixels, ["a", "b", "c"])
    with pytest.raises(InputError, match="of row 0 is a list of 2"):
        ic.Responses(pixels[:, 0], [["a", "b"]] * 3)


@pytest.mark.parametrize("verb", ["compare", "similarity", "infer", "partition", "fit_rdms"])
def test_rows_that_do_not_meet_are_told_by_the_verb_that_was_called(rng, verb):
    first = ic.Responses(rng.random((8, 4)), list("abcdefgh"), labels={"layer": "a"})
    other = ic.Responses(rng.random((8, 4)), list("abcdefgh"), labels={"layer": "c"})
    second = ic.Responses(rng.random((8, 4)), list("bcdefghi"), labels={"subject": "b"})
    models, brain = ic.rdms(first), ic.rdms(second)
    calls = {
        "compare": lambda: ic.compare(models, brain),
        "similarity": lambda: ic.similarity(first, second),
        "infer": lambda: ic.infer(models, brain, over="stimulus"),
        "partition": lambda: ic.partition({"a": models, "b": models}, brain),
        "fit_rdms": lambda: ic.fit_rdms(ic.Weighted(ic.rdms([first, other])), brain),
    }
    with pytest.raises(MisalignedError, match=f"^{verb}: the two have different stimuli"):
        calls[verb]()


def test_names_of_files_are_told_how_to_meet_names_without_ending(rng):
    pictures = ic.Responses(rng.random((3, 4)), ["obj 1", "obj 2", "obj 3"])
    trials = ic.Trials(rng.random((3, 4)), ["pics/obj 1.png", "pics/obj 2.png", "pics/obj 3.png"])
    with pytest.raises(MisalignedError, match=r"The second names files.*Path\(name\)\.stem"):
        ic.align(pictures, trials)
    with pytest.raises(MisalignedError, match="The first names files"):
        ic.align(trials, pictures)
