"""Retention: schedules of series, legal holds, and disposal with its certificate.

`evaluate` is the pure heart: facts, schedule, freezes and a day give a decision with its reason.
Around it, a schedule is adopted, holds are placed, and a disposal is proposed, approved by two
people, run and certified, all as entries of the log. Nothing here deletes but through one guard,
which asks for holds, open requests and undecided appeals inside the deleting transaction.
"""

from schedules._evaluate import Decision, Outcome, evaluate
from schedules._facts import Facts, Freeze, FreezeSource
from schedules._period import Period
from schedules._presets import Preset, preset, presets
from schedules._projection import PROJECTIONS
from schedules._reading import ScheduleError, read_schedule
from schedules._schedule import Action, Authority, Rule, Schedule, Series, Trigger

__all__ = [
    "PROJECTIONS",
    "Action",
    "Authority",
    "Decision",
    "Facts",
    "Freeze",
    "FreezeSource",
    "Outcome",
    "Period",
    "Preset",
    "Rule",
    "Schedule",
    "ScheduleError",
    "Series",
    "Trigger",
    "evaluate",
    "preset",
    "presets",
    "read_schedule",
]
