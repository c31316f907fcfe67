"""TextGrids in every form that Praat writes, and the tiers that are words."""

import warnings

import numpy as np
import pytest

import isocortex as ic
from isocortex.data.words.textgrid import read_textgrid
from isocortex.data.words.tiers import is_silence

WORDS = [(1.5, 2.0, 'she "said"'), (2.0, 2.25, ""), (2.25, 3.0, "café"), (3.0, 3.5, "two\nlines")]
POINTS = [(1.75, "H*"), (2.5, "L%")]
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with mark": "utf-8-sig",
    "utf-16 with mark": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "latin-1": "latin-1",
}


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def long_text(tiers, start=1.5, end=3.5):
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", f"xmin = {start} "]
    lines += [f"xmax = {end} ", "tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]
    for i, (kind, name, entries) in enumerate(tiers, 1):
        of_points = kind == "TextTier"
        what = "points" if of_points else "intervals"
        lines += [
            f"    item [{i}]:",
            f'        class = "{kind}" ',
            f"        name = {quoted(name)} ",
        ]
        lines += [f"        xmin = {start} ", f"        xmax = {end} "]
        lines += [f"        {what}: size = {len(entries)} "]
        for j, (*times, label) in enumerate(entries, 1):
            names = ("number",) if of_points else ("xmin", "xmax")
            lines += [f"        {what} [{j}]:"]
            lines += [f"            {n} = {t} " for n, t in zip(names, times, strict=True)]
            lines += [f"            {'mark' if of_points else 'text'} = {quoted(label)} "]
    return "\n".join(lines) + "\n"


def short_text(tiers, start=1.5, end=3.5):
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", start, end, "<exists>"]
    lines += [len(tiers)]
    for kind, name, entries in tiers:
        lines += [quoted(kind), quoted(name), start, end, len(entries)]
        lines += [each for *times, label in entries for each in (*times, quoted(label))]
    return "\n".join(map(str, lines)) + "\n"


TIERS = [("TextTier", "tones", POINTS), ("IntervalTier", "Words", WORDS)]


@pytest.fixture
def write(tmp_path):
    def written(content, name="story.TextGrid"):
        content = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return written


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", [long_text, short_text])
def test_all_twelve_forms_give_the_same_tiers(form, encoding, write):
    grid = read_textgrid(write(form(TIERS).encode(ENCODINGS[encoding])))
    tones, words = grid.tiers
    assert (grid.start, grid.end) == (1.5, 3.5)
    assert (tones.name, tones.kind) == ("tones", "points")
    assert tones.entries == tuple((time, time, label) for time, label in POINTS)
    assert (words.name, words.kind, words.entries) == ("Words", "intervals", tuple(WORDS))


def test_older_files_and_comments_are_read(write):
    text = (
        long_text(TIERS)
        .replace("number = ", "time = ")
        .replace('"ooTextFile"', '"ooTextFile short"')
    )
    text = text.replace("size = 2 \n", 'size = 2 ! "two" tiers, 2\n').replace("\n", "\r\n")
    grid = read_textgrid(write(text))
    assert [each.name for each in grid.tiers] == ["tones", "Words"]
    assert grid.tiers[0].entries[0] == (1.75, 1.75, "H*")


def test_words_have_no_silence_and_keep_the_clock_of_the_file(write):
    words = ic.Stimuli.from_words(write(long_text(TIERS)))
    assert words.table["word"].tolist() == ['she "said"', "café", "two lines"]
    assert words.table["onset"].tolist() == [1.5, 2.25, 3.0]
    assert words.table["offset"].tolist() == [2.0, 3.0, 3.5]
    assert words.names[1] == "word 0002 café"


def test_latin_1_is_told(write):
    with pytest.warns(ic.IsocortexWarning, match=r"read as Latin-1; look at accents"):
        words = ic.Stimuli.from_words(write(long_text(TIERS).encode("latin-1")))
    assert words.sources[1] == "café"


def intervals(*labels):
    return [(float(i), float(i + 1), label) for i, label in enumerate(labels)]


QUIET = ("sp", "SIL", "spn", "{LG}", "[noise]", "<unk>", "<p>", "br", "")


def test_labels_of_silence_are_counted(write):
    assert all(map(is_silence, QUIET))
    assert not any(map(is_silence, ("a", "space", "s", "{", "null", "nan")))
    tier = ("IntervalTier", "word", intervals("a", *QUIET, "sp", "b"))
    with pytest.warns(
        ic.IsocortexWarning,
        match=r"story.TextGrid': of 12 intervals, 10 are silence or noise and left out \(2 'sp', ",
    ):
        words = ic.Stimuli.from_words(write(short_text([tier], 0, 12)))
    assert words.sources == ["a", "b"]


def tier_of(name, *labels):
    return "IntervalTier", name, intervals(*labels)


CHOSEN = {
    "its name, in any case": [
        tier_of("phones", *"abcd"),
        tier_of("WORD", "x"),
        tier_of("c", *"abc"),
    ],
    "most intervals that are no phones": [
        tier_of("phones", *"abcd"),
        tier_of("sentence", "a"),
        tier_of("transcript", "x", ""),
        tier_of("segments", *"abcd"),
    ],
}


@pytest.mark.parametrize("rule", CHOSEN)
def test_the_tier_of_words_is_known_by(rule, write):
    words = ic.Stimuli.from_words(write(long_text(CHOSEN[rule], 0, 4)))
    assert words.sources == ["x"]


def test_tiers_of_speakers_become_one_text_with_speakers(write):
    anna = ("IntervalTier", "Anna - words", [(0.0, 1.0, "hello"), (2.0, 3.0, "you")])
    ben = ("IntervalTier", "Ben - words", [(0.9, 2.1, "hi")])
    phones = ("IntervalTier", "Anna - phones", intervals(*"abcdef"))
    path = write(long_text([anna, phones, ben], 0, 6))
    words = ic.Stimuli.from_words(path)
    assert words.table["speaker"].tolist() == ["Anna", "Ben", "Anna"]
    assert words.table["word"].tolist() == ["hello", "hi", "you"]
    one = ic.Stimuli.from_words(path, tier="Ben - words")
    assert one.table["speaker"].tolist() == [""]
    both = ic.Stimuli.from_words(path, tier=["Ben - words", "Anna - words"])
    assert both.sources == words.sources


@pytest.mark.parametrize(
    ("tiers", "chosen", "told"),
    [
        ([tier_of("a", "x"), tier_of("b", "y")], None, "2 tiers could be the words: 'a .1 interv"),
        ([tier_of("words", "x"), tier_of("Word", "y")], None, "2 tiers could be the words"),
        ([tier_of("phones", "x")], None, "no tier is one of words: 'phones .1 intervals.'"),
        ([("TextTier", "words", POINTS)], None, "no tier of intervals"),
        ([tier_of("words", "x")], "wrods", "no tier 'wrods'. Did you mean 'words'"),
        ([tier_of("words", "", "sp")], None, "there are no words"),
        ([tier_of("A - words", "x"), tier_of("A-word", "y")], None, "two tiers are of one speaker"),
    ],
)
def test_other_tiers_are_a_sentence(tiers, chosen, told, write):
    path = write(long_text(tiers, 0, 9))
    with pytest.raises(ic.InputError, match=f"story.TextGrid'.*{told}"):
        ic.Stimuli.from_words(path, tier=chosen)


DAMAGED = {
    "binary": (b"ooBinaryFile\x08TextGrid", "is a binary file of Praat; save it as a text file"),
    "chronological": ('"Praat chronological TextGrid text file"\n0 1', "is a chronological Text"),
    "another object": ('File type = "ooTextFile"\nObject class = "Pitch 1"\n', "holds a 'Pitch 1'"),
    "no file of Praat": ("word,onset\na,1\n", "ends where text should stand"),
    "other text": ('"hello"\n"world"\n', "no text file of Praat: it begins with 'hello'"),
    "a tier of another class": (short_text([("Tier", "a", [])]), "a tier is of the class 'Tier'"),
    "truncated": (short_text(TIERS)[:-20], "is truncated: it ends where"),
    "a label that is not closed": (short_text(TIERS)[:-3], "line 33: text in quotes is not closed"),
    "a size that it does not hold": (
        short_text(TIERS).replace("\n4\n", "\n999999999999\n"),
        "is truncated: it ends where a number should stand",
    ),
    "a size that leaves some": (
        short_text(TIERS).replace("\n4\n", "\n3\n"),
        "should follow the last",
    ),
    "a size with a fraction": (
        short_text(TIERS).replace("\n4\n", "\n4.5\n"),
        "be a whole number, not 4.5",
    ),
    "text for a number": (
        short_text(TIERS).replace("\n2.25\n", '\n"x"\n'),
        "should be a number, not 'x'",
    ),
    "an endless number": (
        short_text(TIERS).replace("\n2.25\n", "\n1e999\n"),
        "a number is too large",
    ),
    "no tiers": (short_text(TIERS).split("<")[0] + "<absent>\n", "it has no tier of intervals"),
    "half a character": (short_text(TIERS).encode("utf-16")[:-1], "is not a TextGrid of Praat"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_and_foreign_files_are_a_sentence(damage, write):
    content, told = DAMAGED[damage]
    with pytest.raises((ic.FormatError, ic.InputError), match=rf"story.TextGrid'.*{told}"):
        ic.Stimuli.from_words(write(content))


def test_times_that_cannot_be_are_a_sentence(write):
    def read(*entries):
        return ic.Stimuli.from_words(
            write(short_text([("IntervalTier", "w", list(entries))], 0, 9))
        )

    with pytest.raises(ic.InputError, match="1 words end before they begin: 'b at 2.000 s'"):
        read((0.0, 1.0, "a"), (2.0, 1.5, "b"))
    with pytest.raises(ic.InputError, match=r"1 word begins before the word before them has ended"):
        read((0.0, 1.0, "a"), (0.5, 1.5, "b"))
    with pytest.raises(ic.InputError, match=r"1 words begin before the word before them: 'b at 1"):
        read((2.0, 3.0, "a"), (1.0, 2.0, "b"))


def test_alice_has_2127_words_of_which_23_are_clitics(shared):
    path = next((shared / "data" / "alice" / "stim").glob("*.TextGrid"))
    with pytest.warns(
        ic.IsocortexWarning, match=r"of 2423 intervals, 296 are silence.*\(290 'sp', 6 ''\)"
    ):
        words = ic.Stimuli.from_words(path)
    assert len(words) == 2127
    assert words.names[0] == "word 0001 alice"
    length = words.table["offset"] - words.table["onset"]
    found = (length.min(), length.median(), length.max())
    np.testing.assert_allclose(found, (0.036, 0.239, 1.009), atol=5e-4)
    np.testing.assert_allclose(words.table["onset"].iloc[0], 20.059, atol=5e-4)
    np.testing.assert_allclose(words.table["offset"].iloc[-1], 743.335, atol=5e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ic.IsocortexWarning)
        joined = ic.Stimuli.from_words(path, join_clitics=True)
    assert len(joined) == 2104
    assert "Dinah'll" in joined.sources
