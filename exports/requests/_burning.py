"""Images of a record with rectangles burnt in: made, kept with the determination, found again.

The image is stored beside the attachments of its record and is destroyed with them. What was
captured stays as it was, and committed to.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import orjson

from archive import Reader, Sealed, UsageError, VerificationError, Writer
from exports._production import Box, RedactedImage
from exports.requests._images import burn

FIELD = "images"
"""The sealed field of a determination that says which images it burnt."""

_GIVEN_AWAY = ("sha256", "url")


@dataclass(frozen=True, slots=True)
class ImageMark:
    """Rectangles to burn into attachment `place` (from 0) of a record, at least one."""

    place: int
    boxes: tuple[Box, ...]


def captured(reader: Reader, record_id: str, sealed: Sealed, place: int) -> bytes:
    """An attachment as it was captured.

    UsageError when the archive does not hold it, VerificationError when it is not what the record
    states.
    """
    stored = sealed.get(f"attachment/{place}/blob")
    if stored is None:
        held = sum(path.endswith("/blob") for path in sealed.paths)
        raise UsageError(
            f"record {record_id} has no attachment {place} that the archive holds",
            hint=f"it has {held}, counted from 0",
        )
    content = b"".join(reader.open_blob(record_id, stored))
    if sha256(content).hexdigest() != sealed.get(f"attachment/{place}/sha256"):
        raise VerificationError(f"record {record_id}: attachment {place} is not what was captured")
    return content


def parts_of_images(sealed: Sealed, marks: Iterable[ImageMark]) -> dict[int, str]:
    """The parts that lead to the images as they were captured: their digests and addresses."""
    paths = sealed.paths
    return {
        paths.index(path): mark.boxes[0].code
        for mark in marks
        for path in (f"attachment/{mark.place}/{name}" for name in _GIVEN_AWAY)
        if path in paths
    }


def burnt(
    writer: Writer,
    record_id: str,
    sealed: Sealed,
    marks: Iterable[ImageMark],
    before: Mapping[int, RedactedImage],
) -> dict[int, RedactedImage]:
    """The images of `before` and those of `marks`, with the rectangles of both burnt in."""
    made = dict(before)
    for mark in marks:
        earlier = before[mark.place].boxes if mark.place in before else ()
        boxes = tuple(dict.fromkeys((*earlier, *mark.boxes)))
        if boxes != earlier:
            image = burn(captured(writer, record_id, sealed, mark.place), boxes)
            ref = writer.put_blob(record_id, [image.content])
            made[mark.place] = RedactedImage(ref.name, ref.sha256, image.extension, boxes)
    return made


def to_text(images: Mapping[int, RedactedImage]) -> str:
    """The images as the sealed half of a determination keeps them."""
    kept = {
        str(place): {
            "blob": one.blob,
            "sha256": one.sha256,
            "extension": one.extension,
            "boxes": [list(box) for box in one.boxes],
        }
        for place, one in sorted(images.items())
    }
    return orjson.dumps(kept).decode()


def images_of(determination: Sealed | None) -> dict[int, RedactedImage]:
    """The images that a determination burnt, by the place of their attachment."""
    kept = determination.get(FIELD) if determination is not None else None
    return {
        int(place): RedactedImage(
            one["blob"],
            one["sha256"],
            one["extension"],
            tuple(Box(*box) for box in one["boxes"]),
        )
        for place, one in orjson.loads(kept or "{}").items()
    }
