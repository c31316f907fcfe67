"""Films: frames with the times that the file gives them, damage as sentences."""

from types import SimpleNamespace

import numpy as np
import pytest

import isocortex as ic
from isocortex.data.recorded import films
from isocortex.data.recorded.films import Film, FilmReader, frame_times, head_of_film
from isocortex.errors import FormatError, InputError, IsocortexWarning, NotFoundError

pytest.importorskip("av")


def test_frames_have_the_times_of_the_file(film, grey_steps):
    found = Film(film, head_of_film(film)).frames()
    assert np.allclose(found.times, np.arange(20) / 10)
    assert np.allclose(found.ends, np.arange(1, 21) / 10)
    assert np.allclose(frame_times(film), np.arange(21) / 10)
    assert np.abs(found.pixels.mean((1, 2, 3)) - grey_steps(20)[:, 0, 0, 0]).max() < 4


def test_uneven_times_are_kept(tmp_path, write_film, grey_steps):
    pts = [0, 1, 2, 6, 7, 12]
    path = write_film(tmp_path / "uneven.mp4", grey_steps(6), pts=pts)
    found = Film(path, head_of_film(path)).frames()
    assert np.allclose(found.times, np.array(pts) / 10)
    assert np.allclose(found.ends[:-1], np.array(pts[1:]) / 10)


def test_clips_are_parts_of_all_frames_in_whatever_order_they_are_read(film):
    clips = ic.Stimuli.from_video(film, window=0.6, hop=0.3)
    whole = Film(film, head_of_film(film)).frames().pixels
    with FilmReader() as reader:
        for row in (0, 1, 2, 4, 3, 0):
            found = reader.frames(clips.sources[row])
            assert np.array_equal(found.pixels, whole[3 * row : 3 * row + 6])
    assert clips.table["onset"].tolist() == pytest.approx([0, 0.3, 0.6, 0.9, 1.2])
    assert np.array_equal(clips.read(2), whole[6:12])


def test_frames_of_a_piece_are_as_many_as_its_edges_say(film):
    for onset, seconds in ((0.0, 0.5), (0.05, 0.5), (0.1, 0.1), (1.25, 0.74)):
        piece = Film(film, head_of_film(film), onset, seconds)
        assert len(piece.frames().times) == len(piece.edges()) - 1


def test_a_frame_is_turned_as_it_was_held():
    frame = SimpleNamespace(rotation=-90, to_ndarray=lambda **_: np.arange(6).reshape(2, 3))
    assert films._upright(frame).tolist() == [[3, 0], [4, 1], [5, 2]]


def test_unequal_frame_rates_are_said(film, tmp_path, write_film, grey_steps):
    other = write_film(tmp_path / "fast.mp4", grey_steps(20), rate=20)
    with pytest.warns(IsocortexWarning, match=r"unequal frame rates \(10, 20 in a second\)"):
        ic.Stimuli.from_video([film, other])


def test_digests_are_of_what_is_seen(film, tmp_path):
    copy = tmp_path / "other.mp4"
    copy.write_bytes(film.read_bytes())
    one, other = (ic.Stimuli.from_video(each, window=1) for each in (film, copy))
    assert one.digest(0) == other.digest(0) != one.digest(1)


def test_an_index_of_any_length_is_damage_and_not_too_little_memory(film, tmp_path):
    raw = film.read_bytes()
    place = raw.index(b"stts") + 8
    path = tmp_path / "index.mp4"
    path.write_bytes(raw[:place] + b"\x0f\xff\xff\xff" + raw[place + 4 :])
    with pytest.raises(FormatError, match="index.mp4"):
        head_of_film(path)


def test_what_is_no_film_is_a_sentence(film, speech, tmp_path):
    raw = film.read_bytes()
    damaged = {
        "cut": raw[: len(raw) // 2],
        "empty": b"",
        "text": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "playlist": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    }
    for name, content in damaged.items():
        path = tmp_path / f"{name}.mp4"
        path.write_bytes(content)
        with pytest.raises(FormatError, match=f"{name}.mp4"):
            ic.Stimuli.from_video(path).read(0)
    sound = tmp_path / "sound.mp4"
    sound.write_bytes(speech.read_bytes())
    with pytest.raises(FormatError, match=r"sound.mp4"):
        ic.Stimuli.from_video(sound)
    with pytest.raises(NotFoundError, match="There is no film"):
        ic.Stimuli.from_video(tmp_path / "none.mp4")
    with pytest.raises(InputError, match="needs a film's path"):
        ic.Stimuli.from_video([np.zeros(3)])


def test_real_films_are_decoded_as_they_were_measured(shared):
    right = {
        "bikes.mp4": (250, 25, 10.0, (103.067, 100.180, 95.372)),
        "carphone_pristine.mp4": (120, 30000 / 1001, 4.004, (99.762, 103.293, 99.718)),
    }
    for name, (n, rate, seconds, colour) in right.items():
        path = shared / "data/film" / name
        head = head_of_film(path)
        assert (head.n_frames, float(head.rate), head.seconds) == (n, rate, pytest.approx(seconds))
        found = Film(path, head).frames()
        assert np.allclose(found.pixels.mean((0, 1, 2)), colour, atol=1)
        assert np.allclose(found.times, np.arange(n) / rate, atol=1e-6)


def test_clips_are_saved_as_where_they_lie(film, tmp_path):
    clips = ic.Stimuli.from_video(film, window=0.6, hop=0.3)
    again = ic.read(ic.save(clips, tmp_path / "clips.npz"))
    assert again.sources[1].head == clips.sources[1].head
    np.testing.assert_array_equal(again.read(2), clips.read(2))
    assert again.digest(2) == clips.digest(2)
