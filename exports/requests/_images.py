"""Rectangles burnt into images. What comes out is painted over, encoded anew, and holds nothing
but its pixels: no metadata, no thumbnail, no original beneath.

The one place that changes images. JPEG stays JPEG, animations stay what they are with the
rectangles in every frame; any other still image becomes PNG.
"""

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from struct import error as struct_error
from typing import TYPE_CHECKING

from archive.errors import Refused, UsageError
from exports._production import Box

if TYPE_CHECKING:
    from PIL.Image import Image

_BOX = re.compile(r"\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*(\d{1,6})\s*")
_ANIMATED = frozenset({"GIF", "WEBP"})
_PHOTOGRAPHS = frozenset({"JPEG", "MPO"})
_MOST_PIXELS = 50_000_000
_MOST_FRAMES = 1000
_QUALITY = 92
_LARGEST_LETTERS, _SMALLEST_LETTERS = 24, 9
_WITHHOLD = "withhold it as a whole: --field attachment/N"


@dataclass(frozen=True, slots=True)
class Burnt:
    """An image that may leave: its bytes, the extension of its format, its size in pixels."""

    content: bytes
    extension: str
    width: int
    height: int


def box(text: str, code: str) -> Box:
    """A rectangle written as x,y,width,height; UsageError for anything else, or an empty one."""
    match = _BOX.fullmatch(text)
    if match is None:
        raise UsageError(f"{text} is no rectangle", hint="write x,y,width,height in pixels")
    x, y, width, height = map(int, match.groups())
    if not width or not height:
        raise UsageError(f"{text} is empty", hint="width and height are at least 1")
    return Box(x, y, width, height, code)


def burn(content: bytes, boxes: Sequence[Box]) -> Burnt:
    """The image upright, with black rectangles that name their exemption, and nothing else.

    Refused for what is no image that can be read whole, is too large, or is an animation other
    than GIF and WebP; UsageError for a rectangle that does not lie within it.
    """
    from PIL import Image

    with _reading(), Image.open(io.BytesIO(content)) as source:
        _refuse_unfit(source)
        frames = list(_frames(source))
        for one in boxes:
            _refuse_outside(one, frames[0].size)
        for frame in frames:
            _paint(frame, boxes)
        return _encoded(source, frames)


def _refuse_unfit(source: "Image") -> None:
    count = getattr(source, "n_frames", 1)
    if source.width * source.height * count > _MOST_PIXELS or count > _MOST_FRAMES:
        raise Refused("the image is too large to be painted over", hint=_WITHHOLD)
    if count > 1 and source.format not in _ANIMATED | _PHOTOGRAPHS:
        raise Refused(
            f"the image is an animation or has several pages ({source.format})", hint=_WITHHOLD
        )


def _frames(source: "Image") -> Iterator["Image"]:
    """Every frame upright, in colours to paint on, without what the file said besides.

    Of a photograph the first: cameras add depths and previews as further ones (MPO).
    """
    from PIL import Image, ImageOps, ImageSequence

    photograph = source.format in _PHOTOGRAPHS
    for frame in islice(ImageSequence.Iterator(source), 1 if photograph else None):
        upright = ImageOps.exif_transpose(frame)
        plain = upright.convert("RGB" if photograph else "RGBA")
        yield Image.frombytes(plain.mode, plain.size, plain.tobytes())


def _refuse_outside(one: Box, size: tuple[int, int]) -> None:
    if one.x + one.width > size[0] or one.y + one.height > size[1]:
        shown = f"{one.x},{one.y},{one.width},{one.height}"
        raise UsageError(
            f"{shown} does not lie within the image",
            hint=f"it is {size[0]} pixels wide and {size[1]} high",
        )


def _paint(frame: "Image", boxes: Sequence[Box]) -> None:
    from PIL import ImageDraw, ImageFont

    draw = ImageDraw.Draw(frame)
    for x, y, width, height, code in boxes:
        draw.rectangle((x, y, x + width - 1, y + height - 1), fill="black")
        for size in range(_LARGEST_LETTERS, _SMALLEST_LETTERS - 1, -1):
            font = ImageFont.load_default(size)
            left, top, right, bottom = draw.textbbox((0, 0), code, font=font)
            if right - left < width and bottom - top < height:
                middle = (x + width / 2, y + height / 2)
                draw.text(middle, code, font=font, fill="white", anchor="mm")
                break


def _encoded(source: "Image", frames: Sequence["Image"]) -> Burnt:
    from PIL import ImageSequence

    out, size = io.BytesIO(), frames[0].size
    if source.format in _PHOTOGRAPHS:
        frames[0].save(out, "JPEG", quality=_QUALITY, subsampling=0)
        return Burnt(out.getvalue(), "jpg", *size)
    if len(frames) == 1:
        frames[0].save(out, "PNG")
        return Burnt(out.getvalue(), "png", *size)
    shown = [int(frame.info.get("duration", 100)) for frame in ImageSequence.Iterator(source)]
    more = {"save_all": True, "append_images": frames[1:], "duration": shown, "loop": 0}
    if source.format == "WEBP":
        frames[0].save(out, "WEBP", lossless=True, **more)
    else:
        frames[0].save(out, "GIF", disposal=2, optimize=False, **more)
    return Burnt(out.getvalue(), str(source.format).lower(), *size)


@contextmanager
def _reading() -> Iterator[None]:
    """What Pillow raises about a file, as one error; a file that is cut short is not guessed at."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        struct_error,
    ) as error:
        raise Refused("the file is no image that can be read whole", hint=_WITHHOLD) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise Refused("the image is too large to be painted over", hint=_WITHHOLD) from error
