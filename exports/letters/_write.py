"""A letter as text, made of its template and what is known of the request."""

from collections.abc import Mapping

from archive.errors import UsageError
from exports.letters._templates import Kind, Templates, refuse_unknown


def draft(templates: Templates, kind: Kind, values: Mapping[str, str]) -> str:
    """The letter as text that a person may change: subject line, empty line, paragraphs.

    UsageError when the jurisdiction has no such letter, or its template names an unknown value.
    """
    template = templates.kinds.get(kind)
    if template is None:
        raise UsageError(
            f"there is no wording for the letter {kind}", hint="put one into letters.toml"
        )
    refuse_unknown(template.names, values, f"the letter {kind}")
    return template.filled(values)
