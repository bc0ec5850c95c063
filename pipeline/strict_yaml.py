"""YAML as people here write it, read without its traps: a key stands once, and nothing refers to another.

What is refused is named with its line, and never quoted further than its own words. What does not belong
here: what a file may say (requests and stewardship each have their own model).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 100_000


class Unreadable(Exception):
    """The file is no YAML that can be used; the text is half a sentence: why."""


def text_of(path: Path) -> str:
    """What stands in the file, or Unreadable."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Unreadable(f"the file is larger than {LARGEST_FILE} bytes")
        return path.read_text("utf-8")
    except OSError:
        raise Unreadable("the file cannot be read") from None
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8") from None


def parse(text: str) -> Any:
    """What the text says, or Unreadable with its line."""
    try:
        return yaml.load(text, _Loader)
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(f"line {line}: {error.problem or 'not YAML'}") from None
    except yaml.YAMLError:
        raise Unreadable("not YAML") from None


def line_of(text: str, place: Sequence[str | int]) -> int:
    """The line, from 1, of what stands at `place` (keys and numbers in a list) in a text that `parse` reads.

    Where the place itself is not there, the line of the innermost thing that is.
    """
    node = yaml.compose(text, _Loader)
    line = 0
    for step in place:
        found = _inside(node, step)
        if found is None:
            break
        line, node = found
    return line + 1


def _inside(node: Any, step: str | int) -> tuple[int, Any] | None:
    """The line and the node of one key of a mapping, or one entry of a list."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(key, value) for key, value in node.value if key.value == step]
        return (pairs[0][0].start_mark.line, pairs[0][1]) if pairs else None
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        entry = node.value[step]
        return entry.start_mark.line, entry
    return None


class _Loader(yaml.SafeLoader):
    """YAML without its traps."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases: a small file of them can stand for an endless one."""
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*) is not allowed", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Name the line of a value that looks like a date or a number and is none, such as 30 February."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            problem = "this value cannot be read (is it a date or a number that does not exist?)"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice: the last would win on the quiet."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is one word", problem_mark=key.start_mark)
            if key.value in seen:
                name = key.value if key.value.isidentifier() else "a key"
                raise yaml.MarkedYAMLError(problem=f"{name} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
            # YAML 1.1 reads the word `on` as true; as a key it is the word.
            if key.tag == "tag:yaml.org,2002:bool":
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)
