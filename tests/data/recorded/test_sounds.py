"""Sounds: headers at first, samples as they are heard, damage as sentences."""

import struct

import numpy as np
import pytest
from scipy.signal import resample_poly

import isocortex as ic
from isocortex.data.recorded.sounds import Sound, head_of_sound
from isocortex.errors import FormatError, InputError, IsocortexWarning, NotFoundError

soundfile = pytest.importorskip("soundfile")


def test_samples_are_those_of_the_file(speech):
    found = ic.Stimuli.from_audio(speech).read(0)
    assert np.array_equal(found, soundfile.read(speech)[0])


def test_a_piece_of_a_resampled_sound_is_a_piece_of_all_of_it_resampled(speech):
    whole = soundfile.read(speech)[0]
    for rate, (up, down) in {16000: (2, 1), 11025: (441, 320), 6000: (3, 4)}.items():
        slow = resample_poly(whole, up, down)
        piece = Sound(speech, head_of_sound(speech), 8000, 0.2, 0.1)
        first, n = round(0.2 * rate), round(0.1 * rate)
        assert np.allclose(piece.samples(rate), slow[first : first + n], atol=1e-14)
        assert len(Sound(speech, head_of_sound(speech), rate).samples()) == len(slow)


def test_another_rate_is_said(speech):
    with pytest.warns(IsocortexWarning, match=r"1 of 8000 Hz are resampled to rate=16000"):
        sounds = ic.Stimuli.from_audio(speech, rate=16000)
    assert len(sounds.read(0)) == 8000


def test_of_several_channels_the_mean_is_taken_and_said(tmp_path, rng):
    stereo = rng.uniform(-0.5, 0.5, size=(100, 2))
    soundfile.write(tmp_path / "two.wav", stereo, 8000, subtype="DOUBLE")
    with pytest.warns(IsocortexWarning, match="1 of 1 sounds have several channels"):
        sounds = ic.Stimuli.from_audio(tmp_path / "two.wav")
    assert np.allclose(sounds.read(0), stereo.mean(1))
    with pytest.warns(IsocortexWarning, match="several channels"):
        assert np.allclose(ic.Stimuli.from_audio(stereo, 8000).read(0), stereo.mean(1))


def test_windows_lie_in_the_sound_and_have_times():
    sound = np.arange(1000.0)
    sounds = ic.Stimuli.from_audio(
        [sound, sound[:500]], 100, window=2, hop=1.5, start=[10, 30], names=["a", "b"]
    )
    assert sounds.names[:2] == ("a window 0", "a window 1")
    assert sounds.table["onset"].tolist() == [10, 11.5, 13, 14.5, 16, 17.5, 30, 31.5, 33]
    assert (sounds.table["offset"] - sounds.table["onset"] == 2).all()
    assert sounds.table["run"].tolist() == ["a"] * 6 + ["b"] * 3
    assert np.array_equal(sounds.read(1), np.arange(150.0, 350.0))
    assert "time" not in sounds.table


def test_windows_that_look_back_stand_for_their_ends():
    sounds = ic.Stimuli.from_audio(np.zeros(100), 10, window=2, stamp="end")
    assert sounds.table["time"].tolist() == [2, 4, 6, 8, 10]


def test_integers_are_full_scale_at_the_end_of_their_type():
    sounds = ic.Stimuli.from_audio(np.array([-32768, 0, 16384], np.int16), 8000)
    assert sounds.read(0).tolist() == [-1, 0, 0.5]


def test_digests_are_of_what_is_heard(speech, tmp_path):
    copy = tmp_path / "other name.wav"
    copy.write_bytes(speech.read_bytes())
    first, second = (ic.Stimuli.from_audio(each, window=0.25) for each in (speech, copy))
    assert first.digest(0) == second.digest(0)
    assert first.digest(0) != first.digest(1)
    arrays = [ic.Stimuli.from_audio(np.ones(8), rate) for rate in (8000, 16000)]
    assert arrays[0].digest(0) != arrays[1].digest(0)


@pytest.mark.parametrize(
    ("given", "options", "match"),
    [
        (np.zeros(10), {}, "does not say its rate; give rate="),
        (np.zeros(10), {"rate": 10, "window": 2}, "lasts 1 s, which is less than window=2"),
        (np.zeros(10), {"rate": 10, "hop": 2}, "give window= too"),
        (np.zeros(10), {"rate": 10, "window": -1}, "window=-1 must be seconds above 0"),
        (np.zeros(10), {"rate": 1.5}, "rate=1.5 must be a whole number"),
        (np.zeros(10), {"rate": 0}, "rate=0 must be a whole number"),
        (np.zeros(10), {"rate": np.nan}, "rate=nan must be a whole number"),
        (np.zeros(10), {"rate": np.inf}, "rate=inf must be a whole number"),
        (np.zeros(10), {"rate": 10, "stamp": "start"}, "stamp='start' is not known"),
        (np.zeros(10), {"rate": 10, "start": [1, 2]}, "start= must be seconds"),
        (np.zeros(10), {"rate": 10, "names": ["a", "b"]}, "2 names for 1 sounds"),
        (np.array([np.nan, 1.0]), {"rate": 10}, "NaN or infinite"),
        (np.zeros((2, 1000)), {"rate": 10}, "would have 1000 channels"),
        (np.zeros(3, complex), {"rate": 10}, "shape \\(3,\\) and type complex128"),
        ([], {"rate": 10}, "the list is empty"),
        (3, {}, "not 3"),
    ],
)
def test_what_cannot_be_is_a_sentence(given, options, match):
    with pytest.raises(InputError, match=match):
        ic.Stimuli.from_audio(given, **options)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(NotFoundError, match="There is no sound file"):
        ic.Stimuli.from_audio(tmp_path / "none.wav")


def test_damage_is_a_sentence_with_the_name(speech, tmp_path):
    raw = speech.read_bytes()
    huge = raw[:40] + struct.pack("<I", 2**32 - 1) + raw[44:]
    damaged = {
        "cut": raw[: len(raw) // 2],
        "head": raw[:30],
        "empty": b"",
        "text": b"no sound at all" * 10,
        "huge": huge,
        "silent": raw[:40] + struct.pack("<I", 0),
    }
    for name, content in damaged.items():
        path = tmp_path / f"{name}.wav"
        path.write_bytes(content)
        with pytest.raises(FormatError, match=f"{name}.wav"):
            ic.Stimuli.from_audio(path)


def test_samples_that_are_no_numbers_are_refused_when_they_are_read(tmp_path):
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.array([0.0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(FormatError, match=r"nan.wav.*NaN or infinite"):
        ic.Stimuli.from_audio(path).read(0)


def test_a_file_that_goes_away_or_shrinks_is_told(tmp_path, rng):
    path = tmp_path / "gone.flac"
    soundfile.write(path, rng.uniform(-1, 1, 9000), 8000)
    sounds = ic.Stimuli.from_audio(path)
    soundfile.write(path, rng.uniform(-1, 1, 90), 8000)
    with pytest.raises(FormatError, match="declares 9000 samples, but ends after 90"):
        sounds.read(0)
    path.unlink()
    with pytest.raises(NotFoundError, match="not there any more"):
        sounds.read(0)


def test_real_speech_is_read(shared):
    sounds = ic.Stimuli.from_audio(shared / "data/sound/arctic_a0009.wav")
    assert sounds.read(0).shape == (49520,)
    assert sounds.table["offset"].tolist() == [3.095]


def test_windows_of_a_sound_are_saved_with_one_copy_of_it(tmp_path):
    noise = np.random.default_rng(0).normal(size=8000)
    sounds = ic.Stimuli.from_audio([noise, noise[:4000]], rate=8000, window=0.2, hop=0.01)
    path = ic.save(sounds, tmp_path / "sounds.npz")
    assert len(sounds) > 100
    assert path.stat().st_size < 400_000
    again = ic.read(path)
    assert again.names == sounds.names
    for row in (0, 1, -1):
        np.testing.assert_array_equal(again.read(row), sounds.read(row))
        assert again.digest(row) == sounds.digest(row)


def test_pieces_of_a_file_are_saved_as_where_they_lie(tmp_path, speech):
    sounds = ic.Stimuli.from_audio(speech, window=0.1)
    again = ic.read(ic.save(sounds, tmp_path / "sounds.npz"))
    np.testing.assert_array_equal(again.read(1), sounds.read(1))
    assert again.digest(1) == sounds.digest(1)
