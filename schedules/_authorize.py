"""Recording the approval of an authority outside, in the form that the schedule gives it."""

import re
from collections.abc import Sequence
from datetime import date

from archive import Draft, Writer
from archive.errors import Refused, UsageError
from schedules._adopt import load
from schedules._approvals import decider, refuse_when
from schedules._authorization import Authorization
from schedules._disposal import Disposal, State, schedule_of

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./:-]{0,63}", re.ASCII)


def authorize(
    writer: Writer,
    disposal: Disposal,
    approved: date,
    now: date,
    *,
    document: str = "",
    number: str = "",
    filed: date | None = None,
) -> Authorization:
    """Record a document that an authority approved a disposal with; a later one replaces it.

    `document` is its code in the schedule, and may be "" where there is one alone. Gives its form.
    Refused for an actor without the role, after the start, and where the schedule asks for none.
    UsageError when it is not of the form, the days are out of order or the number is no number.
    """
    refuse_when(disposal, now, State.STARTED, State.FINISHED, State.WITHDRAWN)
    decider(writer, "record an authority's approval")
    form = _form(load(writer, schedule_of(writer, disposal)).authorizations, document)
    _of_the_form(form, number, filed)
    if filed and not filed <= approved <= now:
        raise UsageError(
            f"a {form.document} filed on {filed} cannot have been approved on {approved}",
            hint="filing comes first, and neither lies in the future",
        )
    if approved > now:
        raise UsageError(f"{approved} lies in the future", hint="give the day of the approval")
    data = {"document": form.code, "approved": approved.isoformat()}
    if form.number:
        data["number"] = number
    if filed:
        data["filed"] = filed.isoformat()
    writer.append([Draft("disposal.authorized", disposal.id, data)])
    return form


def _form(asked: Sequence[Authorization], wanted: str) -> Authorization:
    if not asked:
        raise Refused(
            "the schedule of this disposal asks for no authority's approval",
            hint="where the law asks for one, adopt a version with an [[authorization]]",
        )
    codes = ", ".join(form.code for form in asked)
    found = [form for form in asked if wanted in ("", form.code)]
    if not found:
        raise UsageError(f'the schedule asks for no "{wanted}"', hint=f"it asks for {codes}")
    if len(found) > 1:
        raise UsageError(
            f"the schedule asks for {len(found)} documents", hint=f"give --document: {codes}"
        )
    return found[0]


def _of_the_form(form: Authorization, number: str, filed: date | None) -> None:
    for option, asked, given in (
        ("--number", form.number, bool(number)),
        ("--filed", form.filed, filed is not None),
    ):
        if asked and not given:
            raise UsageError(f"{option} is missing for the {form}", hint=f"give {option}")
        if given and not asked:
            raise UsageError(
                f"the schedule asks for no {option} of the {form}", hint=f"leave {option} out"
            )
    if number and not _NUMBER.fullmatch(number):
        raise UsageError(f'"{number}" is no {form.document} number', hint="such as 26-0417")
