"""The request file: what it may ask for, and how it is told what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from pipeline.errors import RequestRefused
from pipeline.identity.usable import OutputKind
from pipeline.releases.manifest import request_text
from pipeline.releases.words import KIND_LABELS
from pipeline.requests.request import (
    BY_ITSELF,
    OFFERED,
    Request,
    Whose,
    load,
    load_all,
    refuse_expired,
    request_files,
    tables_of,
)
from pipeline.strict_yaml import LARGEST_FILE
from schemas import RESEARCH
from schemas.variable import Identifiability, columns
from tests.release_world import demo_request

DEMO = request_files(None)[0].read_text("utf-8")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "request.yaml"
    path.write_text(text, "utf-8")
    return path


def refusal(tmp_path: Path, old: str, new: str) -> str:
    assert old in DEMO
    with pytest.raises(RequestRefused) as refused:
        load(written(tmp_path, DEMO.replace(old, new)))
    return refused.value.happened


# What single outputs ask for: the more that is known of a person, the coarser all of it becomes.
LEFT_OUT = {
    f"coarsened_outcome.{name}"
    for name in ("exit_year", "disability", "status_baerum_0", "status_baerum_12", "status_baerum_60")
}


def test_the_built_in_request_asks_for_every_research_variable_but_those() -> None:
    """So that adding a variable to a research table is seen here."""
    request = demo_request()
    asked = {c.path for o in request.outputs for name in o.tables for c in o.approved(name)}
    offered = [table for table in RESEARCH if table not in BY_ITSELF]
    assert asked == {c.path for table in offered for c in columns(table)} - LEFT_OUT


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- birth_year", "- birthyear", "did you mean birth_year?"),
        ("      person:", "      persons:", "did you mean person?"),
        ("purpose:", "purpos:", "did you mean purpose?"),
        ("expires_on:", "expires:", "expires_on: is missing"),
        ("2030-12-31", "'2030-12-31'", "is a date, written 2030-12-31"),
        ("2030-12-31", "soon", "is a date, written 2030-12-31"),
        ("id: demo", "id: ../demo", "lower-case letters"),
        ("id: demo", "id: Demo", "lower-case letters"),
        ("id: demo", 'id: "demo\\n"', "lower-case letters"),
        ("id: demo", f"id: {'a' * 65}", "at most 64"),
        ("id: demo", "id: 7", "is text"),
        ("id: demo", "id: demo\nid: demo", "line 4: id stands twice"),
        ("project: demo", "project: a/b", "project: has only"),
        ("kind: coarsened", "kind: anonymous", "there is no 'anonymous'"),
        ("kind: coarsened", "kind: tables", "there is no 'tables'"),
        ("k: 5", "k: 4", "greater than or equal to 5"),
        ("k: 5", "population: residents", "population belongs to a pseudonymised output"),
        ("kind: pseudonymised", "kind: pseudonymised\n    population: resident", "did you mean residents?"),
        ("kind: pseudonymised", "kind: pseudonymised\n    population: [1]", "there is no '[1]'"),
        ("      programme:", "      crosswalk:", "crosswalk is not asked for"),
        ("k: 5", "k: 5.0", "k"),
        ("kind: pseudonymised", "kind: pseudonymised\n    k: 5", "k belongs to a coarsened output"),
        ("- birth_year", "- birth_year\n        - birth_year", "a variable stands twice"),
        ("      coarsened_outcome:", "      person:", "there is no 'person'"),
        ("title:", "title: [", "line 7"),
        ("- sex", "- &a sex\n        - *a", "an alias"),
        ("- sex", "- !!python/name:os.system", "could not determine a constructor"),
        ("2030-12-31", "2030-02-31", "line 15: this value cannot be read"),
        ("k: 5", f"k: {'9' * 5000}", "this value cannot be read"),
        ("- sex", "- !!int ''", "this value cannot be read"),
        ("- sex", "- !!bool perhaps", "this value cannot be read"),
        ("- sex", "- !!timestamp soon", "this value cannot be read"),
        ("id: demo", "? [a, b]\n: demo", "line 3: a key is one word"),
        ("id: demo", "? {a: b}\n: demo", "a key is one word"),
        ("- sex", "- " + "[" * 5_000, "nested too deeply"),
        ("- sex", "- " + "{a: " * 5_000, "nested too deeply"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refusal(tmp_path, old, new)


@pytest.mark.parametrize("text", ["", "[]", "demo", "1"])
def test_a_file_that_is_no_request_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RequestRefused):
        load(written(tmp_path, text))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="cannot be read"):
        load(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes(DEMO.encode("utf-8") + "# på".encode("latin-1"))
    with pytest.raises(RequestRefused, match="not UTF-8"):
        load(tmp_path / "latin.yaml")
    with pytest.raises(RequestRefused, match="larger than"):
        load(written(tmp_path, DEMO + "#" * LARGEST_FILE))


def test_no_direct_identifier_can_be_asked_for() -> None:
    offered = [c for kind in OFFERED for table in tables_of(kind).values() for c in columns(table)]
    assert offered and all(c.about.identifiability is not Identifiability.DIRECT for c in offered)


def test_every_research_table_belongs_to_one_kind() -> None:
    names = [name for kind in OFFERED for name in tables_of(kind)]
    assert sorted(names) == sorted(set(names)) and len(names) == len(RESEARCH) - len(BY_ITSELF)


def test_the_primary_key_comes_whether_asked_for_or_not() -> None:
    output = demo_request().outputs[0]
    names = [c.name for c in output.approved("programme")]
    assert {"pseudonym", "programme_number"} <= set(names)
    assert not {"pseudonym", "programme_number"} & set(output.tables["programme"])


def test_what_was_not_asked_for_does_not_come(tmp_path: Path) -> None:
    request = load(written(tmp_path, DEMO.replace("        - birth_year\n", "")))
    output = request.outputs[0]
    assert output.kind is OutputKind.PSEUDONYMISED and "birth_year" not in [
        c.name for c in output.approved("person")
    ]


def test_outcomes_alone_are_refused(tmp_path: Path) -> None:
    content = yaml.safe_load(DEMO)
    content["outputs"][1]["tables"]["coarsened_outcome"] = ["status_y1"]
    with pytest.raises(RequestRefused, match="outcomes alone"):
        load(written(tmp_path, yaml.safe_dump(content)))


def test_a_table_in_two_outputs_is_refused(tmp_path: Path) -> None:
    content = yaml.safe_load(DEMO)
    content["outputs"].append(content["outputs"][1])
    with pytest.raises(RequestRefused, match="stands in two outputs"):
        load(written(tmp_path, yaml.dump(content, Dumper=_Plain)))


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@pytest.mark.parametrize(
    ("as_of", "expired"), [(date(2030, 12, 30), False), (date(2030, 12, 31), False), (date(2031, 1, 1), True)]
)
def test_a_grant_is_good_through_its_last_day(as_of: date, expired: bool) -> None:
    request = demo_request()
    if expired:
        with pytest.raises(RequestRefused, match="expired on 2030-12-31"):
            refuse_expired(request, as_of)
    else:
        refuse_expired(request, as_of)


def test_layout_and_comments_do_not_change_what_is_asked_for(tmp_path: Path) -> None:
    content = yaml.safe_load(DEMO)
    again = load(written(tmp_path, "# another layout\n" + yaml.safe_dump(content, sort_keys=True)))
    assert again.canonical == demo_request().canonical


def test_requests_come_by_id_and_two_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(DEMO.replace("id: demo", "id: zulu"))
    (tmp_path / "b.yml").write_text(DEMO.replace("id: demo", "id: alfa"))
    (tmp_path / "notes.txt").write_text("not a request")
    assert [r.id for r in load_all(tmp_path)] == ["alfa", "zulu"]
    (tmp_path / "c.yaml").write_text(DEMO.replace("id: demo", "id: zulu"))
    with pytest.raises(RequestRefused, match="the id zulu"):
        load_all(tmp_path)


def test_a_missing_folder_of_requests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="no folder of requests"):
        load_all(tmp_path / "missing")


@pytest.mark.parametrize("name", ["demo.yam", "demo.yaml.txt", None])
def test_a_folder_without_a_request_file_is_refused(tmp_path: Path, name: str | None) -> None:
    """Nothing else would be published, and nobody would be told."""
    if name:
        (tmp_path / name).write_text(DEMO)
    with pytest.raises(RequestRefused, match="no request file"):
        load_all(tmp_path)


def test_an_output_may_be_of_residents_alone(tmp_path: Path) -> None:
    everyone = DEMO.replace("kind: pseudonymised", "kind: pseudonymised\n    population: everyone")
    residents = everyone.replace("population: everyone", "population: residents")
    asked = load(written(tmp_path, residents))
    assert [output.population for output in asked.outputs] == [Whose.RESIDENTS, Whose.EVERYONE]
    assert asked.canonical != demo_request().canonical
    assert load(written(tmp_path, everyone)).canonical == demo_request().canonical
    path = tmp_path / "again.yaml"
    path.write_bytes(request_text(asked))
    assert load(path).canonical == asked.canonical


def test_a_released_request_can_be_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_bytes(request_text(demo_request()))
    assert load(path).canonical == demo_request().canonical
    assert request_text(load(path)) == path.read_bytes()


def test_every_offered_kind_has_a_label_and_none_says_anonymous() -> None:
    for kind in OFFERED:
        assert not any("anonym" in text.lower() for text in KIND_LABELS[kind].model_dump().values())
    assert KIND_LABELS[OutputKind.PSEUDONYMISED].nb == "pseudonymisert – personopplysninger"
    assert KIND_LABELS[OutputKind.COARSENED].nb == "lav risiko"


def test_a_request_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Request.__setattr__(demo_request(), "id", "other")
