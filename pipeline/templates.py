"""How a room's templates become text: strict, and with HTML escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.markdown import as_text


@cache
def environment(package: str) -> Environment:
    """The templates in the folder `templates` of `package`; `.html.j2` escape what they are given."""
    made = Environment(
        loader=PackageLoader(package),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["as_text"] = as_text
    made.filters["cell"] = lambda text: str(text).replace("|", "\\|").replace("\n", " ")
    return made
