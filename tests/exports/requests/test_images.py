"""Rectangles burnt into images: nothing of what they cover is left, nor anything but pixels."""

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageSequence

from archive import Refused, UsageError
from exports import Box
from exports.requests._images import box, burn

CODE = "7(1)(c)"
WHOLE = Box(8, 16, 40, 24, CODE)


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    """Bright pixels, none of them dark, so that a black one is painted."""
    drawn = random.Random(seed)
    data = bytes(drawn.randrange(150, 256) for _ in range(width * height * 3))
    return Image.frombytes("RGB", (width, height), data)


def saved(image: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def dark(image: Image.Image, area: Box) -> bool:
    """Whether an area holds nothing but black, and the white of the code."""
    part = image.convert("L").crop((area.x, area.y, area.x + area.width, area.y + area.height))
    return sum(value < 40 for value in part.tobytes()) > 0.6 * area.width * area.height


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("kind", "extension"),
    [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "png"), ("GIF", "png"), ("BMP", "png")],
)
def test_what_is_covered_does_not_depend_on_what_was_there(kind: str, extension: str) -> None:
    one, other = noise(64, 48), noise(64, 48)
    other.paste(noise(WHOLE.width, WHOLE.height, seed=2), (WHOLE.x, WHOLE.y))
    if kind == "GIF":
        palette = Image.new("RGB", (64, 48), "white").quantize()
        one, other = palette.copy(), palette.copy()
        other.putpixel((20, 20), 0)
    more = {"lossless": True} if kind == "WEBP" else {"quality": 100, "subsampling": 0}
    first, second = (burn(saved(image, kind, **more), [WHOLE]) for image in (one, other))
    assert first.extension == extension
    assert (first.width, first.height) == opened(first.content).size == (64, 48)
    assert dark(opened(first.content), WHOLE)
    if kind != "JPEG":
        # Around the rectangle the blocks of a JPEG that straddled its edge were lossy before.
        assert first.content == second.content


def test_what_lies_outside_stays_as_it_was() -> None:
    before = noise(64, 48)
    after = opened(burn(saved(before, "PNG"), [WHOLE]).content).convert("RGB")
    for x, y in ((0, 0), (7, 16), (48, 16), (8, 15), (8, 40), (63, 47)):
        assert after.getpixel((x, y)) == before.getpixel((x, y))


def test_the_code_stands_in_a_rectangle_that_has_room_for_it() -> None:
    white = Image.new("RGB", (200, 100), "white")
    large, small = Box(10, 10, 150, 60, CODE), Box(10, 10, 8, 6, CODE)
    for area, expected in ((large, True), (small, False)):
        image = opened(burn(saved(white, "PNG"), [area]).content).convert("L")
        part = image.crop((area.x, area.y, area.x + area.width, area.y + area.height))
        assert (max(part.tobytes()) > 200) is expected


def test_nothing_is_left_but_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Jane Roe at home"
    exif.get_ifd(0x8825)[1] = "N"
    image = noise(64, 48)
    for kind in ("JPEG", "PNG", "WEBP"):
        content = saved(image, kind, exif=exif, comment=b"secret", icc_profile=b"x" * 200)
        assert b"Jane Roe" in content
        after = burn(content, [WHOLE]).content
        assert b"Jane Roe" not in after
        assert not opened(after).getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & opened(after).info.keys()


def test_the_orientation_is_applied_before_rectangles_are_counted() -> None:
    image = Image.new("RGB", (64, 48), "white")
    image.paste("red", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = 6
    content = saved(image, "JPEG", exif=exif, quality=100, subsampling=0)
    after = burn(content, [Box(40, 0, 8, 8, CODE)])
    assert (after.width, after.height) == (48, 64)
    shown = opened(after.content).convert("RGB")
    assert not any(r > 150 and g < 80 for r, g, _ in _pixels(shown))


def _pixels(image: Image.Image) -> list[tuple[int, int, int]]:
    data = image.tobytes()
    return list(zip(data[::3], data[1::3], data[2::3], strict=True))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_every_frame_of_an_animation_is_painted(kind: str) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("white", "yellow", "cyan")]
    content = saved(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=[80, 120, 200]
    )
    after = burn(content, [WHOLE])
    assert after.extension == kind.lower()
    seen = opened(after.content)
    painted = [frame.convert("RGB") for frame in ImageSequence.Iterator(seen)]
    assert len(painted) == 3
    assert all(dark(frame, WHOLE) for frame in painted)
    assert len({frame.getpixel((0, 0)) for frame in painted}) == 3


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: b"no image at all", "no image that can be read"),
        (lambda: b"", "no image that can be read"),
        (lambda: cut(saved(noise(64, 48), "JPEG")), "no image that can be read"),
        (lambda: cut(saved(noise(64, 48), "PNG")), "no image that can be read"),
        (lambda: cut(saved(noise(64, 48), "WEBP")), "no image that can be read"),
        (
            lambda: saved(noise(9, 9), "TIFF", save_all=True, append_images=[noise(9, 9, seed=2)]),
            "several pages",
        ),
        (lambda: saved(Image.new("1", (20_000, 20_000)), "PNG"), "too large"),
    ],
)
def test_what_cannot_be_painted_over_is_refused(content: Callable[[], bytes], said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        burn(content(), [WHOLE])
    assert "--field" in caught.value.hint


@pytest.mark.parametrize("text", ["40,60,20", "a,b,c,d", "-1,0,5,5", "1.5,0,5,5", "0,0,0,5", ""])
def test_what_is_no_rectangle_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        box(text, CODE)


def test_a_rectangle_lies_within_the_image() -> None:
    content = saved(noise(64, 48), "PNG")
    assert burn(content, [box(" 0, 0,64,48", CODE)]).width == 64
    with pytest.raises(UsageError, match="does not lie within") as caught:
        burn(content, [box("30,0,35,10", CODE)])
    assert caught.value.hint == "it is 64 pixels wide and 48 high"
