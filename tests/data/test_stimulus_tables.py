"""Stimuli from tables: text stays text, whatever separates it; BIDS events; safe paths."""

import warnings

import numpy as np
import pytest
from PIL import Image

import isocortex as ic


@pytest.fixture
def listed(tmp_path):
    """Write a table beside a.png and b.png, and read it as stimuli."""
    for name in ("a.png", "b.png", "c/a.png", "\u00e9t\u00e9.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / name)

    def read(text, name="s.csv", encoding="utf-8", **options):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return ic.Stimuli.from_csv(tmp_path / name, **options)

    return read


class TestText:
    @pytest.mark.parametrize("one", ["001", "NA", "null", "None", "nan", "1e3", "True", "N/A"])
    def test_names_and_labels_stay_as_they_are_written(self, listed, one):
        stimuli = listed(f"file,name,label\na.png,{one},{one}\nb.png,x,{one}\n")
        assert stimuli.names == (one, "x")
        assert list(stimuli.table["label"]) == [one, one]

    def test_codes_keep_their_zeros_and_numbers_are_numbers(self, listed):
        stimuli = listed(
            "file,code,onset,rt,shown,rating,long\n"
            "a.png,007,0,0.5,True,,12345678901234567890\n"
            "b.png,010,12,n/a,False,3,12345678901234567891\n"
        )
        table = stimuli.table
        assert list(table["code"]) == ["007", "010"]
        assert table["onset"].dtype == np.int64
        np.testing.assert_array_equal(table["rt"], [0.5, np.nan])
        np.testing.assert_array_equal(table["rating"], [np.nan, 3])
        assert table["shown"].dtype == bool
        assert list(table["long"]) == ["12345678901234567890", "12345678901234567891"]

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_separator_is_told_from_the_header(self, listed, separator):
        rows = [["file", "label"], ["a.png", "one, two" if separator == ";" else "one"]]
        stimuli = listed("\n".join(separator.join(row) for row in rows))
        assert list(stimuli.table["label"]) == [rows[1][1]]

    def test_commas_of_numbers_where_semicolons_separate(self, listed):
        stimuli = listed("file;onset\na.png;0,5\nb.png;1,25\n")
        np.testing.assert_array_equal(stimuli.table["onset"], [0.5, 1.25])

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings_with_a_mark(self, listed, encoding):
        assert listed("file\r\n\u00e9t\u00e9.png\r\n", encoding=encoding).names == (
            "\u00e9t\u00e9",
        )

    def test_other_encodings_are_told(self, listed):
        with pytest.warns(ic.IsocortexWarning, match="not UTF-8 and was read as windows-1252"):
            assert listed("file\n\u00e9t\u00e9.png", encoding="latin-1").names == ("\u00e9t\u00e9",)

    def test_decomposed_letters_find_their_file(self, listed):
        assert len(listed("file\ne\u0301te\u0301.png")) == 1

    def test_quotes_blank_lines_and_closing_separators(self, listed):
        stimuli = listed('file,label,\n"a.png","x, ""y""",\n\nb.png,z,\n')
        assert list(stimuli.table["label"]) == ['x, "y"', "z"]

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("file,label\na.png\n", "line 2 has 1 entry, but the header has 2"),
            ("file,file\na.png,a.png\n", "more than one column 'file'"),
            ("file\0\n", "it is not text"),
            ("\n", "it is empty"),
        ],
    )
    def test_what_is_no_table(self, listed, text, words):
        with pytest.raises(ic.FormatError, match=words):
            listed(text)

    def test_nothing_is_said_when_nothing_happened(self, listed):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            listed("file,label\na.png,1\n")


class TestEvents:
    EVENTS = (
        "onset\tduration\ttrial_type\tstim_file\n"
        "0\t1\tface\ta.png\n2\t1\tn/a\tn/a\n4\t1\thouse\tb.png\n6.5\t1\tface\ta.png\n"
    )

    def test_a_stimulus_that_is_shown_twice_is_one(self, listed):
        with pytest.warns(ic.IsocortexWarning, match="1 of 4 rows without a picture"):
            stimuli = listed(self.EVENTS, "sub-01_events.tsv")
        assert stimuli.names == ("a", "b")
        assert list(stimuli.table["trial_type"]) == ["face", "house"]
        assert list(stimuli.table["onset"]) == [(0.0, 6.5), (4.0,)]
        assert list(stimuli.table["duration"]) == [1, 1]
        # Each presentation comes back, in its order, with the name of its stimulus.
        events = stimuli.table.assign(name=stimuli.names).explode("onset").sort_values("onset")
        assert list(events["name"]) == ["a", "b", "a"]

    def test_files_lie_in_the_stimuli_of_the_data_set(self, tmp_path):
        (tmp_path / "dataset_description.json").write_text("{}")
        (tmp_path / "stimuli" / "faces").mkdir(parents=True)
        Image.new("L", (3, 3)).save(tmp_path / "stimuli" / "faces" / "f.png")
        events = tmp_path / "sub-01" / "func" / "sub-01_task-x_events.tsv"
        events.parent.mkdir(parents=True)
        events.write_text("onset\tduration\tstim_file\n0\t1\tfaces/f.png\n")
        assert ic.Stimuli.from_csv(events).sources == (tmp_path / "stimuli" / "faces" / "f.png",)

    def test_n_a_is_missing_in_words_too(self, listed):
        stimuli = listed("stim_file\tkind\na.png\tn/a\nb.png\tx\n", "e.tsv")
        assert stimuli.table["kind"].isna().tolist() == [True, False]


class TestNamesAndPaths:
    def test_stems_that_collide_become_paths(self, listed):
        assert listed("file\na.png\nc/a.png\nb.png\n").names == ("a", "c/a", "b")

    def test_a_name_stands_for_one_file(self, listed):
        assert listed("file,name\na.png,x\na.png,y\na.png,x\n").names == ("x", "y")
        with pytest.raises(
            ic.InputError, match="name 'x' stands for two files, 'a.png' and 'b.png'"
        ):
            listed("file,name\na.png,x\nb.png,x\n")

    def test_the_error_does_not_advise_what_was_done(self, listed, tmp_path):
        Image.new("L", (3, 3)).save(tmp_path / "a.jpg")
        with pytest.raises(ic.InputError, match="a.png and a.jpg. Add a column 'name'"):
            listed("file\na.png\na.jpg\n")

    @pytest.mark.parametrize("way", ["../x.png", "c/../../x.png", "link.png"])
    def test_relative_paths_do_not_leave_the_folder(self, tmp_path, way):
        (tmp_path / "in" / "c").mkdir(parents=True)
        Image.new("L", (3, 3)).save(tmp_path / "x.png")
        (tmp_path / "in" / "link.png").symlink_to(tmp_path / "x.png")
        (tmp_path / "in" / "s.csv").write_text(f"file\n{way}\n")
        with pytest.raises(ic.InputError, match="1 relative paths lead out of the folder"):
            ic.Stimuli.from_csv(tmp_path / "in" / "s.csv")
        (tmp_path / "in" / "s.csv").write_text("file\nx.png\n")
        assert len(ic.Stimuli.from_csv(tmp_path / "in" / "s.csv", folder=tmp_path)) == 1
        (tmp_path / "in" / "s.csv").write_text(f"file\n{tmp_path / 'x.png'}\n")
        assert ic.Stimuli.from_csv(tmp_path / "in" / "s.csv").names == ("x",)

    def test_a_row_without_a_file(self, listed):
        with pytest.raises(ic.InputError, match="row 2 below the header names no file"):
            listed("file,label\na.png,x\n,y\n")
        with pytest.raises(ic.InputError, match="lists no stimulus"):
            listed("file,label\n")
