"""Whether an archive that is open still stands where it was opened."""

import os
from pathlib import Path

from archive._store import translated
from archive.errors import Refused


def still_stands(opened: os.stat_result, folder: Path) -> None:
    """Refused when another archive was restored into the folder since this one was opened.

    `opened` is the folder's status at that time. Asked under the writer's lock, which a restore
    holds until its archive is in its place.
    """
    with translated():
        if not os.path.samestat(opened, folder.stat()):
            raise Refused(
                f"the archive in {folder} was replaced while this command waited",
                hint="nothing was written; run it again",
            )
