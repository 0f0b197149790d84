"""The commands that the campaigns disturb."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.crash.scene import Scene

Words = Sequence[str]


@dataclass(frozen=True)
class Job:
    """Commands in order. `done` are words of a refusal that says that it is done already."""

    commands: Callable[[Scene], Sequence[Words]]
    done: tuple[str, ...] = ()


def _moderation(scene: Scene) -> list[Words]:
    first, second, third, fourth = scene.posts[:4]
    why = ("--reason", "An insult, as everybody could read")
    appeal = ("--appellant", "Pat Public", "--text", "I was on topic.")
    return [
        ("moderate", "remove", first, "--clause", "IV.5", *why),
        ("moderate", "remove", second, "--clause", "IV.5", *why),
        ("moderate", "remove", third, "--clause", "IV.5", "--part", *why),
        ("moderate", "ban", first, "--clause", "IV.5", *why),
        ("moderate", "restore", second, *why),
        ("appeal", "file", first, *appeal),
        ("moderate", "remove", fourth, "--clause", "IV.5", *why),
    ]


JOBS = {
    "ingest": Job(lambda scene: [("ingest", str(scene.later_export), "--complete")]),
    "moderation": Job(_moderation, ("already", "no removal")),
    "disposal": Job(lambda scene: [("disposal", "run", scene.disposal)], ("is finished",)),
    "rebuild": Job(lambda scene: [("rebuild",)]),
}
