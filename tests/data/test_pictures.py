"""Pictures as a person sees them: each kind of pixel, turned upright, on its background."""

import itertools
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

import isocortex as ic
from isocortex.data.pictures import formats, look_at, picture_suffixes, pixels_of_file
from isocortex.data.pixels import DTYPES, MODES

GREY = np.linspace(0, 255, 6 * 5).reshape(6, 5).round().astype(np.uint8)


@pytest.fixture
def read(tmp_path):
    """Save a Pillow image, and read it as a stimulus."""

    def saved_and_read(image, name="a.png", background="white", **options):
        image.save(tmp_path / name, **options)
        return ic.Stimuli(["a"], [tmp_path / name], background=background).read(0)

    return saved_and_read


def unit(pixels):
    """0 to 1, of what read gives."""
    return pixels / 255 if pixels.dtype == np.uint8 else pixels


class TestKindsOfFiles:
    @pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".webp", ".jfif", ".pgm", ".gif"])
    def test_grey_is_grey_in_each_format(self, read, suffix):
        options = {"lossless": True} if suffix == ".webp" else {}
        options = {"quality": 100} if suffix == ".jfif" else options
        seen = read(Image.fromarray(GREY), f"a{suffix}", **options)
        assert seen.shape == (6, 5, 3)
        assert seen.dtype == np.uint8
        np.testing.assert_allclose(seen, np.stack([GREY] * 3, -1), atol=2)

    def test_avif_where_pillow_has_it(self, read):
        if "AVIF" not in formats() or not __import__("PIL.features").features.check("avif"):
            pytest.skip("this Pillow has no AVIF")
        seen = read(Image.new("RGB", (16, 16), (200, 100, 50)), "a.avif", quality=100)
        np.testing.assert_allclose(seen[8, 8], (200, 100, 50), atol=4)

    def test_one_bit_is_black_and_white(self, read):
        seen = read(Image.fromarray(GREY > 100))
        np.testing.assert_array_equal(seen[..., 0], np.where(GREY > 100, 255, 0))

    def test_a_palette_gives_its_colours(self, read):
        image = Image.fromarray((GREY // 128), "P")
        image.putpalette([10, 20, 30, 200, 100, 50])
        seen = read(image)
        np.testing.assert_array_equal(seen[0, 0], (10, 20, 30))
        np.testing.assert_array_equal(seen[-1, -1], (200, 100, 50))

    def test_cmyk_and_ycbcr_become_the_colours_that_they_mean(self, read):
        red = Image.new("RGB", (8, 8), (255, 0, 0))
        np.testing.assert_array_equal(read(red.convert("CMYK"), "a.tif")[0, 0], (255, 0, 0))
        np.testing.assert_allclose(read(red.convert("YCbCr"), "a.tif")[0, 0], (255, 0, 0), atol=3)

    def test_lab_becomes_srgb(self, read):
        # L 53.24, a 80.09, b 67.20 is the red of sRGB (CIE, D65; D50 differs by little).
        lab = np.zeros((4, 4, 3), np.uint8)
        lab[...] = (136, 80, 67)
        seen = read(Image.frombytes("LAB", (4, 4), lab.tobytes()), "a.tif")
        assert seen[0, 0, 0] > 230
        assert seen[0, 0, 1] < 60
        assert seen[0, 0, 2] < 60

    @pytest.mark.parametrize("order", ["<u2", ">u2"])
    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_sixteen_bits_are_scaled_by_65535(self, read, order, suffix):
        deep = np.linspace(0, 65535, 30).reshape(6, 5).round().astype(order)
        if suffix == ".png":
            deep = deep.astype("<u2")
        seen = read(Image.fromarray(deep), f"a{suffix}")
        assert (seen.shape, seen.dtype) == ((6, 5, 3), np.float32)
        np.testing.assert_allclose(seen[..., 1], deep / 65535, atol=1e-6)

    def test_a_deep_pgm_says_its_own_white(self, tmp_path):
        (tmp_path / "a.pgm").write_bytes(b"P5 2 1 1023 " + np.array([0, 1023], ">u2").tobytes())
        seen = ic.Stimuli.from_folder(tmp_path).read(0)
        np.testing.assert_allclose(seen[0, :, 0], [0, 1], atol=1e-4)

    def test_white_that_is_zero_is_white_in_sixteen_bits_too(self, read):
        deep = np.array([[0, 65535]], np.uint16)
        seen = read(Image.fromarray(deep), "a.tif", tiffinfo={262: 0})
        np.testing.assert_array_equal(seen[0, :, 0], [1, 0])

    def test_floats_from_0_to_1_are_taken_others_refused_with_their_range(self, read):
        grey = np.linspace(0, 1, 30, dtype=np.float32).reshape(6, 5)
        np.testing.assert_array_equal(read(Image.fromarray(grey), "a.tif")[..., 2], grey)
        with pytest.raises(ic.FormatError, match=r"a\.tif' holds floats from 0 to 255.*divide"):
            read(Image.fromarray(grey * 255), "a.tif")
        with pytest.raises(ic.FormatError, match=r"floats from -1 to 1.*Map black to 0"):
            read(Image.fromarray(grey * 2 - 1), "a.tif")
        grey[0, 0] = np.nan
        with pytest.raises(ic.FormatError, match="NaN"):
            read(Image.fromarray(grey), "a.tif")

    def test_32_bit_integers_are_8_bit_or_refused_with_their_range(self, read):
        np.testing.assert_array_equal(
            read(Image.fromarray(GREY.astype(np.int32)), "a.tif")[..., 0], GREY
        )
        with pytest.raises(ic.FormatError, match=r"int32 numbers from 0 to 4080.*4095 is white"):
            read(Image.fromarray(GREY.astype(np.int32) * 16), "a.tif")
        with pytest.raises(ic.FormatError, match="int32 numbers from -255 to 0"):
            read(Image.fromarray(-GREY.astype(np.int32)), "a.tif")

    def test_every_kind_stands_in_the_documentation(self):
        page = (Path(__file__).parents[2] / "docs" / "extraction.md").read_text(encoding="utf-8")
        assert not [each for each in (*MODES, *DTYPES) if f"`{each}`" not in page]


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
    def test_it_is_applied_as_pillow_would(self, tmp_path, orientation, suffix):
        colours = np.random.default_rng(1).integers(0, 256, (2, 3, 3)).repeat(8, 0).repeat(8, 1)
        image = Image.fromarray(colours.astype(np.uint8))
        exif = Image.Exif()
        exif[0x0112] = orientation
        file = tmp_path / f"a{suffix}"
        image.save(file, exif=exif, **({"lossless": True} if suffix == ".webp" else {}))
        with Image.open(file) as opened:
            right = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        content = file.read_bytes()
        np.testing.assert_array_equal(pixels_of_file(file, content), right)
        look = look_at(file, content)
        assert look.size == right.shape[:2]
        assert look.notes == ({"rotated"} if orientation > 1 else set())

    def test_a_deep_picture_is_turned_as_well(self, read):
        exif = Image.Exif()
        exif[0x0112] = 6
        deep = (GREY * 257.0).astype(np.uint16)
        seen = read(Image.fromarray(deep), exif=exif)
        np.testing.assert_allclose(seen[..., 0], np.rot90(deep, -1) / 65535, atol=1e-6)


def see_through(kind):
    """Opaque red on the left, red hidden by transparency on the right."""
    if kind == "palette":
        image = Image.fromarray(np.array([[0, 1]] * 2, np.uint8), "P")
        image.putpalette([255, 0, 0, 255, 0, 0])
        return image, {"transparency": 1}
    if kind == "palette of several":
        return see_through("palette")[0], {"transparency": bytes([255, 0])}
    if kind == "colour key":
        pixels = np.array([[[255, 0, 0], [254, 0, 0]]] * 2, np.uint8)
        return Image.fromarray(pixels), {"transparency": (254, 0, 0)}
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[..., 0], pixels[:, 0, 3] = 255, 255
    image = Image.fromarray(pixels)
    return (image.convert("LA"), {}) if kind == "LA" else (image, {})


class TestTransparency:
    @pytest.mark.parametrize("kind", ["RGBA", "LA", "palette", "palette of several", "colour key"])
    @pytest.mark.parametrize(
        ("background", "colour"),
        [
            ("white", (255, 255, 255)),
            ("#102030", (16, 32, 48)),
            (128, (128, 128, 128)),
            ((1, 2, 3), (1, 2, 3)),
        ],
    )
    def test_it_lies_on_the_background(self, read, kind, background, colour):
        image, options = see_through(kind)
        seen = read(image, background=background, **options)
        np.testing.assert_array_equal(seen[0, 1], colour)
        np.testing.assert_array_equal(seen[0, 0], (76,) * 3 if kind == "LA" else (255, 0, 0))

    def test_a_grey_of_sixteen_bits_has_a_key_too(self, read):
        deep = Image.fromarray(np.array([[40000, 7]], np.uint16))
        seen = read(deep, transparency=7)
        np.testing.assert_allclose(seen[0, :, 0], [40000 / 65535, 1], atol=1e-6)

    def test_half_transparent_is_half_of_each(self, read):
        image = Image.new("RGBA", (2, 2), (200, 100, 0, 128))
        right = np.array([200, 100, 0]) * 128 / 255 + 255 * (1 - 128 / 255)
        np.testing.assert_allclose(read(image)[0, 0], right, atol=1)
        array = ic.Stimuli.from_arrays
        with pytest.warns(ic.IsocortexWarning, match="of 1 images, 1 are transparent"):
            seen = array([np.asarray(image)]).read(0)
        np.testing.assert_allclose(seen[0, 0], right, atol=0.5)

    def test_arrays_and_files_and_images_agree(self, read):
        image, _ = see_through("RGBA")
        right = read(image, background=(1, 2, 3))
        for given in (image, np.asarray(image), np.asarray(image).astype(np.int64)):
            with pytest.warns(ic.IsocortexWarning, match="transparent"):
                stimuli = ic.Stimuli.from_arrays([given], background=(1, 2, 3))
            np.testing.assert_array_equal(stimuli.read(0), right)
        with pytest.warns(ic.IsocortexWarning, match="transparent"):
            floats = ic.Stimuli.from_arrays([np.asarray(image) / 255], background=(1, 2, 3))
        np.testing.assert_allclose(floats.read(0) * 255, right, atol=1e-9)

    def test_what_is_opaque_throughout_is_not_told(self, tmp_path):
        Image.new("RGBA", (3, 3), (9, 9, 9, 255)).save(tmp_path / "a.png")
        assert not look_at(tmp_path / "a.png", (tmp_path / "a.png").read_bytes()).notes
        ic.Stimuli.from_arrays([np.full((3, 3, 4), 255, np.uint8)])

    @pytest.mark.parametrize("background", ["whitish", 256, -1, 0.5, (1, 2), None, (0.1, 0.2, 0.3)])
    def test_a_background_that_is_no_colour(self, background):
        with pytest.raises(ic.InputError, match="background=.* is no colour"):
            ic.Stimuli.from_arrays([GREY], background=background)


class TestArrays:
    @pytest.mark.parametrize("order", "<>")
    @pytest.mark.parametrize("dtype", [name for name in DTYPES if name != "int8"])
    def test_each_dtype_holds_the_same_picture(self, dtype, order):
        kind = DTYPES[dtype]
        right = (GREY > 100) * 1.0 if dtype == "bool" else GREY / 255
        held = right * (kind.white or 255)
        given = held.round().astype(dtype) if kind.white != 1 else held.astype(dtype)
        given = given.astype(np.dtype(dtype).newbyteorder(order))
        seen = ic.Stimuli.from_arrays([given]).read(0)
        np.testing.assert_allclose(unit(seen), right, atol=1e-3 if dtype == "float16" else 1e-6)

    @pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint32", "uint64"])
    def test_integers_beyond_8_bit_are_refused_with_their_range(self, dtype):
        top = min(np.iinfo(dtype).max, 4095)
        bad = np.array([[0, top]], dtype) if top > 255 else np.array([[-7, 5]], dtype)
        low, high = int(bad.min()), int(bad.max())
        with pytest.raises(ic.InputError, match=f"'x' holds {dtype} numbers from {low} to {high}"):
            ic.Stimuli.from_arrays([bad], ["x"])

    def test_values_that_deny_their_type_are_refused(self):
        with pytest.raises(ic.InputError, match=r"uint16 .* the largest is 255.*astype\(np.uint8"):
            ic.Stimuli.from_arrays([GREY.astype(np.uint16)])
        with pytest.raises(ic.InputError, match=r"int64 pixels are 0 and 1 alone.*astype\(bool"):
            ic.Stimuli.from_arrays([np.eye(4, dtype=np.int64)])
        # One dark picture among others is none of these.
        ic.Stimuli.from_arrays([np.eye(4, dtype=np.int64), np.full((4, 4), 200)])

    @pytest.mark.parametrize(
        "bad",
        [np.zeros((2, 2), complex), np.array([["a"]]), np.zeros((0, 3)), np.zeros((1, 2, 3, 4))],
    )
    def test_what_is_no_picture(self, bad):
        with pytest.raises(ic.InputError, match="an image is"):
            ic.Stimuli.from_arrays([bad])

    def test_masked_pixels_are_not_shown(self):
        with pytest.raises(ic.InputError, match="masked pixels"):
            ic.Stimuli.from_arrays([np.ma.masked_greater(GREY, 10)])

    def test_tensors_and_pillow_images(self):
        import torch

        tensor = torch.rand(3, 4, 5, requires_grad=True)
        palette = Image.fromarray(GREY // 128, "P")
        palette.putpalette([10, 20, 30, 200, 100, 50])
        stimuli = ic.Stimuli.from_arrays([tensor, palette])
        np.testing.assert_array_equal(stimuli.read(0), tensor.detach().numpy())
        np.testing.assert_array_equal(stimuli.read(1)[0, 0], (10, 20, 30))

    def test_preprocessing_alone_knows_the_kinds(self):
        scale = ic.Preprocessing(mean=(0.5,) * 3, std=(0.5,) * 3)
        colour = np.stack([GREY] * 3, -1)
        for given in (colour.astype(np.int64), colour.astype(np.uint16) * np.uint16(257)):
            np.testing.assert_allclose(scale(given), scale(colour), atol=1e-6)
        with pytest.raises(ic.InputError, match=r"floats from 0 to 255.*divide all stimuli by 255"):
            scale(colour.astype(np.float32))
        scale(np.nextafter(np.ones((3, 4, 4), np.float32), np.float32(2)))
        with pytest.raises(ic.InputError, match="has 4 channels"):
            scale(np.zeros((4, 6, 6), np.float32))


class TestDigests:
    def test_they_follow_what_is_seen(self, tmp_path):
        Image.fromarray(np.stack([GREY] * 3, -1)).save(tmp_path / "plain.png")
        see_through("RGBA")[0].save(tmp_path / "clear.png")

        def digests(background):
            return [ic.Stimuli(["a"], [tmp_path / f"{name}.png"], background=background).digest(0)
                    for name in ("plain", "clear")]  # fmt: skip

        (plain, clear), (plain_2, clear_2) = digests("white"), digests("gray")
        assert plain == plain_2
        assert clear != clear_2
        twins = ic.Stimuli.from_arrays([GREY, GREY.astype(np.int64)])
        assert twins.digest(0) == twins.digest(1)

    def test_take_keeps_the_background(self):
        stimuli = ic.Stimuli(["a"], [np.zeros((2, 2, 4), np.uint8)], background=7)
        assert stimuli.take([0]).background == (7, 7, 7)
        np.testing.assert_array_equal(stimuli.take([0]).read(0), np.full((2, 2, 3), 7))


class TestBadFiles:
    def test_a_picture_by_name_alone(self, tmp_path):
        for name, content in itertools.product(("a.png", "b.jpg"), (b"", b"hello", b"%!PS-Adobe")):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(ic.FormatError, match=rf"{name}.*Pillow finds no image in it"):
                ic.Stimuli(["a"], [tmp_path / name]).read(0)

    def test_postscript_is_never_run(self, tmp_path):
        assert not {".eps", ".ps", ".h5", ".mpg"} & set(picture_suffixes())
        eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
        (tmp_path / "a.png").write_bytes(eps)
        with pytest.raises(ic.FormatError, match="cannot be decoded"):
            ic.Stimuli.from_folder(tmp_path).read(0)

    @pytest.mark.parametrize("limit", [30, 60])
    def test_too_many_pixels_is_a_sentence(self, tmp_path, monkeypatch, limit):
        Image.new("RGB", (10, 10)).save(tmp_path / "a.png")
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(ic.FormatError, match=r"a\.png' has 0\.0001 million pixels, beyond"):
            ic.Stimuli.from_folder(tmp_path).read(0)

    def test_too_little_memory_is_a_sentence(self, tmp_path, monkeypatch):
        Image.new("RGB", (10, 10)).save(tmp_path / "a.png")

        def full(*_args, **_options):
            raise MemoryError

        monkeypatch.setattr(Image.Image, "convert", full)
        with pytest.raises(ic.StorageError, match=r"too little memory for the image .*a\.png"):
            ic.Stimuli.from_folder(tmp_path).read(0)

    def test_heic_without_its_plugin(self, tmp_path):
        if "HEIF" in formats():
            pytest.skip("pillow-heif is installed")
        (tmp_path / "a.heic").write_bytes(b"x")
        with pytest.raises(ic.MissingDependencyError, match="pip install pillow-heif"):
            ic.Stimuli(["a"], [tmp_path / "a.heic"]).read(0)
        Image.new("L", (2, 2)).save(tmp_path / "b.png")
        with pytest.warns(
            ic.IsocortexWarning, match=r"1 of another kind \(\.heic, which needs pillow"
        ):
            ic.Stimuli.from_folder(tmp_path)

    def test_a_file_that_has_gone(self, tmp_path):
        with pytest.raises(ic.NotFoundError, match="not there any more"):
            ic.Stimuli(["a"], [tmp_path / "a.png"]).read(0)


class TestFolders:
    @pytest.fixture
    def nest(self, tmp_path):
        for name in ("cat/img10.png", "cat/img2.png", "dog/img1.png", "top.png"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.fromarray(GREY).save(tmp_path / name)
        return tmp_path

    def test_subfolders_are_walked_and_stems_suffice_where_they_are_unique(self, nest):
        stimuli = ic.Stimuli.from_folder(nest)
        assert stimuli.names == ("img1", "img2", "img10", "top")
        assert list(stimuli.table["folder"]) == ["dog", "cat", "cat", ""]

    def test_names_are_paths_where_stems_collide(self, nest):
        Image.fromarray(GREY).save(nest / "dog" / "img2.jpg")
        stimuli = ic.Stimuli.from_folder(nest)
        assert stimuli.names == ("cat/img2", "cat/img10", "dog/img1", "dog/img2", "top")

    def test_one_warning_counts_what_was_left_out(self, nest, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        Image.fromarray(GREY).save(elsewhere / "secret.png")
        (nest / "notes.txt").write_text("x")
        (nest / "cat" / "film.mp4").write_bytes(b"x")
        (nest / "gone.png").symlink_to(nest / "absent.png")
        (nest / "out.png").symlink_to(elsewhere / "secret.png")
        (nest / "loop").symlink_to(nest, target_is_directory=True)
        (nest / "twin.png").symlink_to(nest / "top.png")
        for litter in (".DS_Store", "._top.png", "Thumbs.db", ".hidden/x.png"):
            (nest / litter).parent.mkdir(exist_ok=True)
            (nest / litter).write_bytes(b"x")
        with pytest.warns(ic.IsocortexWarning) as caught:
            stimuli = ic.Stimuli.from_folder(nest)
        (said,) = [str(each.message) for each in caught]
        for words in (
            "1 of another kind (.mp4)",
            "1 of another kind (.txt)",
            "1 broken links",
            "1 links that lead out of the folder",
            "1 links to folders",
        ):
            assert words in said
        assert stimuli.names == ("img1", "img2", "img10", "top", "twin")

    def test_links_into_the_annex_of_the_data_set_are_its_own(self, tmp_path):
        annex = tmp_path / ".git" / "annex" / "objects"
        annex.mkdir(parents=True)
        Image.fromarray(GREY).save(annex / "key.png")
        (tmp_path / "stimuli").mkdir()
        (tmp_path / "stimuli" / "a.png").symlink_to(annex / "key.png")
        assert ic.Stimuli.from_folder(tmp_path / "stimuli").names == ("a",)

    def test_nothing_is_said_when_nothing_was_left_out(self, nest):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ic.Stimuli.from_folder(nest)

    def test_a_folder_without_pictures_says_what_it_has(self, tmp_path):
        (tmp_path / "a.mp4").write_bytes(b"x")
        with pytest.raises(ic.InputError, match=r"has no images.*1 of another kind \(\.mp4\)"):
            ic.Stimuli.from_folder(tmp_path)
