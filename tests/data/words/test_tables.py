"""Words from tables, events of BIDS, alignments of gentle and label files; runs and clitics."""

import warnings

import numpy as np
import pandas as pd
import pytest

import isocortex as ic

STORY = {"word": ["Down", "the", "hole"], "onset": [0.5, 0.9, 1.0], "offset": [0.8, 1.0, 1.4]}


@pytest.fixture
def read(tmp_path):
    def written(text, name="words.csv", **options):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return ic.Stimuli.from_words(tmp_path / name, **options)

    return written


def times(words):
    return words.table[["onset", "offset"]].to_numpy()


FORMS = {
    "comma": "word,onset,offset\nDown,.5,.8\nthe,.9,1\nhole,1,1.4\n",
    "semicolon": "word;onset;offset\nDown;0,5;0,8\nthe;0,9;1,0\nhole;1,0;1,4\n",
    "other names, other order": "End,Start,Text,Run\n.8,.5,Down,1\n1,.9,the,1\n1.4,1,hole,1\n",
    "duration": "onset,duration,word\n.5,.3,Down\n.9,.1,the\n1,.4,hole\n",
    "gentle, without a header": "Down,down,.5,.8\nthe,the,.9,1\nhole,hole,1,1.4\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_tables_in_every_form_give_the_same_words(form, read):
    words = read(FORMS[form])
    assert words.sources == STORY["word"]
    np.testing.assert_allclose(times(words), np.c_[STORY["onset"], STORY["offset"]], atol=1e-12)
    assert words.names == ("word 0001 down", "word 0002 the", "word 0003 hole")
    assert words.table["run"].tolist() == ["1"] * 3


@pytest.mark.parametrize("word", ["null", "nan", "NA", "None", "NaN", "N/A", "001", "1e3", "True"])
def test_words_stay_as_they_are_written(word, read):
    assert read(f"word,onset,offset\n{word},0,1\na,1,2\n").sources == [word, "a"]
    assert read(f"{word},{word},0,1\na,a,1,2\n").sources == [word, "a"]
    events = f"onset\tduration\ttrial_type\tvalue\n0\t1\tword\t{word}\n"
    assert read(events, "a_events.tsv").sources == [word]


def test_of_events_of_bids_words_are_taken_and_the_run_is_in_the_name(read):
    events = (
        "onset\tduration\ttrial_type\tvalue\tsurprisal\n-0.5\t0.4\tword\tDown\t1.5\n"
        "0\t9\tsound\tstory.wav\tn/a\n1\t.5\tword\tthe\tn/a\n2\t.5\tword\tn/a\tn/a\n"
    )
    with pytest.warns(
        ic.IsocortexWarning,
        match=r"1 of 4 events are no words and left out; 1 of 3 rows have no word and are left out",
    ):
        words = read(events, "sub-01_task-alice_run-02_events.tsv")
    assert words.sources == ["Down", "the"]
    np.testing.assert_allclose(times(words), [[-0.5, -0.1], [1.0, 1.5]])
    assert words.table["run"].tolist() == ["02", "02"]
    np.testing.assert_array_equal(words.table["surprisal"], [1.5, np.nan])


class TestWordsWithoutTimes:
    TEXT = "Down,down,0,1\nuh,uh,,\nthe,<unk>,,\nhole,hole,4,5\n"

    def test_are_left_out_and_told(self, read):
        with pytest.warns(ic.IsocortexWarning, match=r"2 of 4 words have no times \('uh', 'the'\)"):
            words = read(self.TEXT)
        assert words.sources == ["Down", "hole"]

    def test_share_the_time_between_their_neighbours(self, read):
        with pytest.warns(ic.IsocortexWarning, match="share the time between their neighbours"):
            words = read(self.TEXT, untimed="interpolate")
        np.testing.assert_allclose(times(words), [[0, 1], [1, 2.5], [2.5, 4], [4, 5]])
        assert words.table["aligned"].tolist()[2] == "<unk>"

    def test_are_refused(self, read):
        with pytest.raises(ic.InputError, match=r"2 of 4 words have no times.*untimed='drop'"):
            read(self.TEXT, untimed="refuse")
        with pytest.raises(ic.InputError, match=r"first or the last is one of them"):
            read("uh,uh,,\na,a,0,1\n", untimed="interpolate")
        with pytest.raises(ic.InputError, match="no word has an onset and an end"):
            read("word,onset,offset\nuh,,\na,,\n")
        with pytest.raises(ic.InputError, match="untimed='keep' is not known"):
            read(self.TEXT, untimed="keep")


def test_what_else_a_table_has_is_kept(read):
    words = read("word,onset,offset,duration,pos\na,0,1,.9,DET\nb,1,2,.8,NOUN\n")
    assert words.table["pos"].tolist() == ["DET", "NOUN"]
    assert words.table["duration"].tolist() == [0.9, 0.8]


def test_triggers_are_no_words(tmp_path):
    rows = "onset\tduration\ttrial_type\tvalue\n0\t1\tface\t12\n"
    (tmp_path / "e.tsv").write_text(rows)
    with pytest.raises(ic.InputError, match=r"there is no column 'word'; there are 'onset', 'dur"):
        ic.Stimuli.from_words(tmp_path / "e.tsv")
    with pytest.raises(ic.InputError, match="no column 'file'"):
        ic.read(tmp_path / "e.tsv")


def test_runs_that_pandas_made_floats_are_whole_numbers():
    table = pd.DataFrame(STORY).assign(run=[1.0, 1.0, np.nan])
    assert ic.Stimuli.from_words(table.iloc[:2]).table["run"].tolist() == ["1", "1"]


def test_milliseconds_are_asked_for(read):
    text = "word,onset,offset\nDown,500,800\nthe,900,1000\nhole,1000,1400\n"
    with pytest.raises(ic.InputError, match=r"median word lasts 300 s.*unit='ms'"):
        read(text)
    np.testing.assert_allclose(times(read(text, unit="ms")), times(read(FORMS["comma"])))
    with pytest.raises(ic.InputError, match="unit='min' is not known"):
        read(text, unit="min")


def test_labels_of_htk_count_hundred_nanoseconds(read):
    text = "0 1300000 sil\n1300000 2050000 hello -12.5 more\n2050000 30750000 you\n"
    with pytest.warns(ic.IsocortexWarning, match="of 3 intervals, 1 are silence"):
        words = read(text, "a.lab")
    assert words.sources == ["hello", "you"]
    np.testing.assert_allclose(times(words), [[0.13, 0.205], [0.205, 3.075]])
    seconds = read("0.13 0.205 hello\n0.205 3.075 you\n", "b.lab")
    np.testing.assert_allclose(times(seconds), times(words))
    with pytest.raises(ic.FormatError, match=r"a.lab', line 2: .* is a start, an end and a label"):
        read("0 1300000 sil\nHE SAID HELLO\n", "a.lab")
    with pytest.raises(ic.FormatError, match="is empty"):
        read("\n", "a.lab")


class TestRuns:
    def test_a_list_of_files_is_called_by_their_names(self, read, tmp_path):
        for name in ("task_run-02_words.csv", "task_run-01_words.csv"):
            read(FORMS["comma"], name)
        files = [tmp_path / f"task_run-{i}_words.csv" for i in ("02", "01")]
        words = ic.Stimuli.from_words(files)
        assert words.table["run"].tolist() == ["02"] * 3 + ["01"] * 3
        assert words.names[3] == "word 0004 down"
        by_run = ic.Stimuli.from_words({"first": files[0], 2: str(files[1])})
        assert by_run.table["run"].tolist() == ["first"] * 3 + ["2"] * 3

    def test_files_of_one_name_are_asked_about(self, tmp_path):
        with pytest.raises(ic.InputError, match=r"several files have one name .*mapping from runs"):
            ic.Stimuli.from_words([tmp_path / "a" / "w.csv", tmp_path / "b" / "w.csv"])

    def test_a_table_says_its_runs_itself(self):
        table = pd.DataFrame(STORY).assign(run=[1, 1, 2], speaker="Anna")
        table.loc[2, ["onset", "offset"]] = [0.0, 0.3]
        words = ic.Stimuli.from_words(table)
        assert words.table["run"].tolist() == ["1", "1", "2"]
        assert words.table["speaker"].tolist() == ["Anna"] * 3
        with pytest.raises(ic.InputError, match="its column 'run' has"):
            ic.Stimuli.from_words({"a": table})

    def test_runs_stay_together(self):
        table = pd.DataFrame(STORY).assign(run=[1, 2, 1])
        with pytest.raises(ic.InputError, match=r"runs '1', '2' alternate; sort the table"):
            ic.Stimuli.from_words(table)

    def test_the_run_that_is_wrong_is_named(self):
        bad = pd.DataFrame(STORY).assign(offset=0.0)
        with pytest.raises(
            ic.InputError, match=r"the table of the run 'b': 3 words end before they begin"
        ):
            ic.Stimuli.from_words({"a": pd.DataFrame(STORY), "b": bad})


def test_two_speakers_may_overlap_and_one_may_not():
    table = pd.DataFrame(STORY).assign(offset=[1.2, 1.3, 1.4])
    with pytest.raises(
        ic.InputError, match=r"2 words begin before .*say who in a column 'speaker'"
    ):
        ic.Stimuli.from_words(table)
    two = ic.Stimuli.from_words(table.assign(speaker=["A", "B", "C"]))
    assert len(two) == 3
    with pytest.raises(ic.InputError, match="1 word of 'A' begins before"):
        ic.Stimuli.from_words(table.assign(speaker=["A", "A", "B"]))


def test_rounding_by_ten_milliseconds_is_no_overlap():
    assert len(ic.Stimuli.from_words(pd.DataFrame(STORY).assign(offset=[0.91, 1.01, 1.4]))) == 3


def test_clitics_are_joined_to_the_word_before_in_their_run_and_of_their_speaker():
    said = ["Dinah", "'ll", "come", "’s", "'em", "'tis", ".", "'s"]
    table = pd.DataFrame({"word": said, "onset": np.arange(8.0), "offset": np.arange(8.0) + 1})
    table["run"] = [1, 1, 1, 2, 2, 2, 2, 2]
    words = ic.Stimuli.from_words(table, join_clitics=True)
    assert words.sources == ["Dinah'll", "come", "’s", "'em", "'tis.'s"]
    np.testing.assert_allclose(times(words)[[0, 4]], [[0, 2], [5, 8]])
    apart = table.assign(run=1, speaker=["A", "B", *"AAAAAA"])
    assert "'ll" in ic.Stimuli.from_words(apart, join_clitics=True).sources


BAD = {
    "no column of words": ({"onset": [1], "offset": [2]}, "no column 'word'"),
    "no times": ({"word": ["a"]}, "no column 'onset', 'offset'; there are 'word'"),
    "text for times": ({**STORY, "onset": ["a", "b", "c"]}, "'onset' holds 'a', which is no time"),
    "infinite times": ({**STORY, "offset": [np.inf] * 3}, "times are not finite"),
    "NaN for words": ({**STORY, "word": ["a", np.nan, "b"]}, "keep_default_na=False"),
    "empty": ({"word": [], "onset": [], "offset": []}, "there are no words"),
    "a number": (3, "from_words needs a TextGrid, a table of words, .* not int"),
    "a list of nothing": ([], "needs a TextGrid"),
    "a list of tables": ([pd.DataFrame(STORY)], "give tables as a mapping from runs to them"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_list_of_words_is_a_sentence(what):
    given, told = BAD[what]
    with pytest.raises(ic.InputError, match=told):
        ic.Stimuli.from_words(given)


def test_files_that_are_not_there_or_of_no_kind(tmp_path, read):
    with pytest.raises(ic.NotFoundError, match=r"no file .*absent.TextGrid"):
        ic.Stimuli.from_words(tmp_path / "absent.TextGrid")
    with pytest.raises(ic.InputError, match=r"a.wav' is of no kind that words are read from"):
        read("", "a.wav")
    with pytest.raises(ic.InputError, match=r"is no TextGrid, and has no tier 'words'"):
        read(FORMS["comma"], tier="words")
    with pytest.raises(ic.FormatError, match="not a CSV file: it is empty"):
        read("")


def test_sentences_are_texts_of_a_list_a_column_or_a_file(tmp_path):
    (tmp_path / "s.txt").write_text("\ufeffThe cat sat.\n\n It rained.\n", encoding="utf-8")
    given = (["The cat sat.", "It rained."], pd.Series(["The cat sat.", "It rained."]))
    for each in (*given, tmp_path / "s.txt"):
        sentences = ic.Stimuli.from_sentences(each)
        assert list(sentences.sources) == ["The cat sat.", "It rained."]
        assert sentences.names == ("sentence 0001", "sentence 0002")
    named = ic.Stimuli.from_sentences(given[0], ["x", "y"], {"onset": [0.0, 2.0]})
    assert named.names == ("x", "y")
    with pytest.raises(ic.NotFoundError, match=r"single sentence is given in a list"):
        ic.Stimuli.from_sentences("The cat sat.")
    for wrong, told in (([], "at least one"), ([1], "no strings"), ([""], "empty"), (3, "not int")):
        with pytest.raises(ic.InputError, match=told):
            ic.Stimuli.from_sentences(wrong)


def test_read_knows_tables_of_words_from_those_of_images(tmp_path):
    for name, form in (("w.csv", "comma"), ("w.tsv", "gentle, without a header")):
        text = FORMS[form].replace(",", "\t") if name == "w.tsv" else FORMS[form]
        (tmp_path / name).write_text(text)
        assert ic.read(tmp_path / name).sources == STORY["word"]
    (tmp_path / "e.tsv").write_text("onset\tduration\tstim_file\tword\n0\t1\tx.png\tcat\n")
    with pytest.raises(ic.NotFoundError, match=r"images .* are not there"):
        ic.read(tmp_path / "e.tsv")
    (tmp_path / "w.lab").write_text("0 10000000 hi")
    assert ic.read(tmp_path / "w.lab").is_running
    with pytest.raises(ic.InputError, match="'labels', whose reader does not take all of 'mask'"):
        ic.read(tmp_path / "w.lab", mask=1)


def test_words_are_saved_and_read_again(tmp_path):
    words = ic.Stimuli.from_words(pd.DataFrame(STORY).assign(run="a"))
    again = ic.read(ic.save(words, tmp_path / "words.npz"))
    assert (again.names, list(again.sources), again.modality) == (
        words.names,
        words.sources,
        "text",
    )
    pd.testing.assert_frame_equal(again.table, words.table)
    assert again.digest(1) == words.digest(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert again.take([0]).is_running
