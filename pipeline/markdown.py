"""Text that people wrote, put into Markdown so that it stays text: no markup, no link, no cell of its own.

What does not belong here: words that are declared in this repository, which may have markup on purpose.
"""

from __future__ import annotations

import re

_MARKS = re.compile(r"[\\\[\]|#*`]")


def as_text(words: str) -> str:
    """The words on one line, which every reader of Markdown shows as they are, also in a table's cell."""
    return _MARKS.sub(r"\\\g<0>", " ".join(words.split())).replace("<", "&lt;")
