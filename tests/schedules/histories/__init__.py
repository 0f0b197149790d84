"""Random histories of an archive, told to the program and to the model alike.

Every step says beforehand what the model expects of the program: that it does it, or refuses.
"""

from tests.schedules.histories.disposals import Disposals
from tests.schedules.histories.governed import Governed
from tests.schedules.histories.moderated import Moderated
from tests.schedules.histories.sources import Sources


class History(Sources, Moderated, Governed, Disposals):
    """An archive that all of it happens to."""

    def carry_through(self) -> None:
        """A list is proposed, approved by enough, and run, with something else in between."""
        known = len(self.model.disposals)
        self.propose()
        if len(self.model.disposals) == known:
            return
        chosen = list(self.model.disposals)[-1]
        for who in self.random.sample(["ada", "ben", "cleo"], self.random.choice([2, 3])):
            self.approve(chosen, who)
        for _ in range(self.random.randint(0, 2)):
            self.random.choice([self.listing, self.moderate, self.hold, self.request])()
        self.run(chosen)
