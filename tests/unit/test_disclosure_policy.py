"""What releases and role files are held to, and who may ask for less: nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipeline.disclosure.policy import Policy, held_to, load, of_releases, packaged
from pipeline.disclosure.roles import ColumnRole, Role, Roles
from pipeline.errors import RequestRefused, SettingWrong

ILL = ColumnRole(role=Role.SENSITIVE, adverse=["J"])
FEW = Policy.model_validate({"k": 5, "t": 0.2, "small": {"rows": 100, "k": 10, "t": 0.1}})


def roles(**asked: object) -> Roles:
    return Roles.model_validate(
        {"columns": {"sex": ColumnRole(role=Role.QUASI), "ill": ILL.model_copy()}, **asked}
    )


def theirs(folder: Path, **said: object) -> Path:
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(said), "utf-8")
    return path


def test_what_is_not_asked_for_the_policy_fills_in() -> None:
    held = held_to(roles(), FEW, rows=1000)
    assert (held.k, held.columns["ill"].t, held.columns["ill"].distinct) == (5, 0.2, None)


def test_asking_for_more_stands_and_for_less_is_refused() -> None:
    assert held_to(roles(k=7), FEW, rows=1000).k == 7
    with pytest.raises(RequestRefused, match="k, where the policy has 5"):
        held_to(roles(k=4), FEW, rows=1000)


@pytest.mark.parametrize(("rows", "k", "t"), [(99, 10, 0.1), (100, 5, 0.2), (0, 10, 0.1)])
def test_a_table_of_few_rows_is_held_to_more(rows: int, k: int, t: float) -> None:
    held = held_to(roles(), FEW, rows=rows)
    assert (held.k, held.columns["ill"].t) == (k, t)


def test_of_few_rows_the_stricter_of_both_holds() -> None:
    held = held_to(roles(k=20), FEW, rows=10)
    assert held.k == 20
    asked = Roles(columns={"ill": ILL.model_copy(update={"t": 0.05})})
    assert held_to(asked, FEW, rows=10).columns["ill"].t == 0.05


def test_what_was_asked_for_of_few_rows_is_raised_and_not_refused() -> None:
    assert held_to(roles(k=5), FEW, rows=10).k == 10


def test_the_packaged_policy_has_the_targets_that_were_decided() -> None:
    ours = packaged()
    assert (ours.k, ours.suppression, ours.t) == (5, 0.05, 0.2)
    assert ours.small is not None
    assert ours.small.k is not None
    assert ours.small.k > ours.k


def test_a_municipality_may_be_stricter_line_by_line(tmp_path: Path) -> None:
    policy = of_releases(theirs(tmp_path, k=8, small={"rows": 500}))
    assert (policy.k, policy.t) == (8, packaged().t)
    assert policy.small == packaged().small.model_copy(update={"rows": 500})  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"k": 4}, "k, where"),
        ({"t": 0.3}, "t, where"),
        ({"suppression": 0.1}, "suppression, where"),
        ({"inference": 0.5}, "inference, where"),
        ({"small": {"rows": 10}}, "small: rows, where"),
        ({"small": {"rows": 100, "k": 6}}, "small: k, where"),
        ({"small": None}, "small, where"),
    ],
)
def test_a_municipality_may_not_be_looser(tmp_path: Path, said: dict[str, object], told: str) -> None:
    with pytest.raises(SettingWrong) as refused:
        of_releases(theirs(tmp_path, **said))
    assert told in str(refused.value)


def test_a_policy_that_cannot_be_read_is_refused_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="policy"):
        load(theirs(tmp_path, kk=5))
