"""A release is measured and attacked before it is published, and its certificate says so in words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import uttrekk
from pipeline.disclosure import certificate_text as text
from pipeline.errors import NotVerified, ReleaseDamaged, RequestRefused
from pipeline.identity.usable import OutputKind, Reason
from pipeline.releases import certified
from pipeline.releases.manifest import CHECKSUMS, MANIFEST, request_text
from pipeline.releases.verify import verify
from pipeline.releases.words import KIND_LABELS
from pipeline.requests.request import Decided, Request, load
from tests.release_world import AS_OF, demo_request, released, sources

DECISION = {"by": "Kari Ombud", "on": "2025-02-01", "why": "Få variabler, og ingen fritekst."}
CERTIFICATES = [f"certificate.{language}.{form}" for language in ("nb", "en") for form in ("md", "html")]


def decided(**changed: Any) -> Request:
    """The demo's request, with a decision in its coarsened output."""
    said = DECISION | changed
    anonymous = Decided(by=said["by"], on=date.fromisoformat(said["on"]), why=said["why"])
    request = demo_request()
    outputs = [
        output.model_copy(update={"anonymous": anonymous}) if output.kind is OutputKind.COARSENED else output
        for output in request.outputs
    ]
    return request.model_copy(update={"outputs": outputs})


def said(folder: Path, name: str = "certificate.nb.md") -> str:
    return (folder / name).read_text("utf-8")


def coarsened(folder: Path) -> dict[str, Any]:
    outputs = json.loads((folder / MANIFEST).read_bytes())["outputs"]
    (output,) = [output for output in outputs if output["kind"] == OutputKind.COARSENED]
    found: dict[str, Any] = output["files"][0]
    return found


def policy(folder: Path, **limits: float) -> Path:
    path = folder / "policy.yaml"
    path.write_text(yaml.safe_dump(limits), "utf-8")
    return path


def test_a_release_has_one_certificate_for_all_its_files(tmp_path: Path) -> None:
    folder = released(tmp_path).published.folder
    listed = (folder / CHECKSUMS).read_text("utf-8")
    assert [name for name in CERTIFICATES if name in listed and (folder / name).is_file()] == CERTIFICATES
    told = said(folder)
    assert KIND_LABELS[OutputKind.PSEUDONYMISED].nb in told and KIND_LABELS[OutputKind.COARSENED].nb in told
    assert text.UNDECIDED.nb in told and text.MET.nb in told
    assert not verify(folder).problems


def test_without_a_decision_nothing_in_a_release_says_that_it_is_anonymous(tmp_path: Path) -> None:
    folder = released(tmp_path).published.folder
    assert coarsened(folder)["measured"]["anonymous_by_decision_of"] is None
    assert text.ANONYMOUS.en.format(by="") not in said(folder, "certificate.en.md")
    assert text.ANONYMOUS.nb.format(by="") not in said(folder)


def test_a_decision_stands_in_the_request_the_manifest_and_the_certificate(tmp_path: Path) -> None:
    folder = released(tmp_path, request=decided()).published.folder
    assert coarsened(folder)["measured"]["anonymous_by_decision_of"] == DECISION
    assert "anonymt etter beslutning av Kari Ombud" in said(folder)
    assert "Kari Ombud besluttet 2025-02-01" in said(folder)
    assert not verify(folder).problems
    assert load(folder / "request.yaml") == decided()


def test_uttrekk_verify_tells_the_label_of_each_output_and_who_decided_what(tmp_path: Path) -> None:
    labels = [
        "pseudonymised: pseudonymisert – personopplysninger (pseudonymised – personal data): data/person",
        "coarsened: lav risiko (low risk): data/coarsened_outcome.parquet",
    ]
    for request in (demo_request(), decided()):
        house = tmp_path / str(request == decided())
        house.mkdir()
        folder = released(house, request=request).published.folder
        told = CliRunner().invoke(uttrekk, ["verify", str(folder)], standalone_mode=False).output
        assert [label in told for label in labels] == [True, True]
        line = (
            "data/coarsened_outcome.parquet: Kari Ombud decided on 2025-02-01 that the data are anonymous. "
            "Reason: Få variabler, og ingen fritekst."
        )
        assert (line in told) is (request == decided())


def test_the_manifest_may_not_tell_of_a_decision_that_the_request_has_not(tmp_path: Path) -> None:
    folder = released(tmp_path).published.folder
    path = folder / MANIFEST
    told = json.loads(path.read_bytes())
    for output in told["outputs"]:
        for file in output["files"]:
            if "measured" in file:
                file["measured"]["anonymous_by_decision_of"] = DECISION
    path.chmod(0o600)
    path.write_text(json.dumps(told), "utf-8")
    assert any("called anonymous otherwise" in problem for problem in verify(folder).problems)


def test_a_decision_of_a_day_to_come_is_refused(tmp_path: Path) -> None:
    released(tmp_path, request=decided(on=AS_OF.isoformat()))
    with pytest.raises(RequestRefused, match="2025-03-02"):
        released(tmp_path, request=decided(on="2025-03-02"))


def test_an_attack_that_comes_further_than_the_policy_lets_it_stops_the_release(tmp_path: Path) -> None:
    with pytest.raises(NotVerified) as refused:
        released(tmp_path, policy=policy(tmp_path, linkage=0.0))
    assert refused.value.exit_code == 18
    assert "linkage" in str(refused.value) and "chronic_illness" not in str(refused.value)
    assert not list((tmp_path / "releases").rglob(MANIFEST))


def test_what_somebody_calls_anonymous_and_misses_a_target_is_refused_by_their_name(tmp_path: Path) -> None:
    with pytest.raises(NotVerified, match="Kari Ombud"):
        released(tmp_path, request=decided(), policy=policy(tmp_path, linkage=0.0))
    assert not list((tmp_path / "releases").rglob(MANIFEST))


def test_the_next_version_is_subtracted_from_the_one_in_force_and_published(tmp_path: Path) -> None:
    tonight = sources(300)
    released(tmp_path, made_of=tonight)
    fewer = tonight.only(tonight.person.filter(pl.col("person_key") > 12).select("person_key"))
    done = released(tmp_path, made_of=fewer, as_of=AS_OF + timedelta(days=1)).published
    assert done.new
    tried = {one["attack"]: one for one in coarsened(done.folder)["measured"]["attacks"]}
    assert tried["differencing"]["limit"] is None
    assert text.EXPOSED.nb in said(done.folder) and text.EXPOSED.en in said(done.folder, "certificate.en.md")
    with pytest.raises(NotVerified, match="differencing"):
        released(
            tmp_path,
            made_of=tonight.only(tonight.person.filter(pl.col("person_key") > 14).select("person_key")),
            as_of=AS_OF + timedelta(days=2),
            policy=policy(tmp_path, differencing=0.2),
        )


def test_a_version_in_force_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    folder = released(tmp_path).published.folder
    path = folder / "data" / "coarsened_outcome.parquet"
    path.chmod(0o600)
    path.write_bytes(b"PAR1")
    with pytest.raises(ReleaseDamaged, match="uttrekk verify"):
        released(tmp_path, as_of=AS_OF + timedelta(days=1))


def test_who_may_not_be_used_is_among_those_an_attacker_searches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    gather = certified.gather

    def seen(*args: Any, **named: Any) -> Any:
        found.append((args[1].height, named["before"].height, named["population"].height))
        return gather(*args, **named)

    monkeypatch.setattr(certified, "gather", seen)
    unusable = pl.DataFrame({"person_key": [2, 4, 6], "reason": [Reason.WITHDRAWN.value] * 3})
    released(tmp_path, unusable=unusable)
    ((rows, before, everybody),) = found
    assert rows <= before and (before, everybody) == (147, 150)


def test_the_same_night_gives_the_same_bytes(tmp_path: Path) -> None:
    once, again = (tmp_path / name for name in ("once", "again"))
    once.mkdir()
    folders = [released(once).published.folder]
    shutil.copytree(once / "keys", again / "keys")
    mixed = sources(300)
    mixed = type(mixed)(**{name: frame.reverse() for name, frame in vars(mixed).items()})
    folders.append(released(again, made_of=mixed).published.folder)
    for name in CERTIFICATES:
        assert len({(folder / name).read_bytes() for folder in folders}) == 1


def test_how_many_threads_there_are_changes_no_byte(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from tests.release_world import released, sources; "
        "print(released(pathlib.Path(sys.argv[1]), made_of=sources(300)).published.folder)"
    )
    folders, root = [], Path(__file__).parents[2]
    for threads in ("1", "2"):
        folder = tmp_path / threads
        folder.mkdir()
        if folders:
            shutil.copytree(tmp_path / "1" / "keys", folder / "keys")
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder)],
            env=os.environ | {"POLARS_MAX_THREADS": threads, "OMP_NUM_THREADS": threads},
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        folders.append(Path(done.stdout.strip()))
    for name in CERTIFICATES:
        assert len({(folder / name).read_bytes() for folder in folders}) == 1


def test_no_exact_count_of_persons_stands_in_the_certificate(tmp_path: Path) -> None:
    done = released(tmp_path, made_of=sources(307))
    (built,) = [b for b in done.built if b.recoded is not None]
    assert built.recoded is not None
    exact = {built.frame.height, built.recoded.before.height, built.suppressed}
    exact = {str(count) for count in exact if count > 5 and count % 5}
    assert exact
    for name in CERTIFICATES:
        words = said(done.published.folder, name).split("</style>")[-1].replace("\N{NO-BREAK SPACE}", " ")
        assert not exact & set(words.replace("|", " ").split())


def test_a_request_file_with_a_decision_is_read_and_its_day_is_a_day(tmp_path: Path) -> None:
    path = tmp_path / "request.yaml"
    path.write_bytes(request_text(decided()))
    assert load(path) == decided()
    path.write_text(path.read_text("utf-8").replace(": 2025-02-01", ": someday"), "utf-8")
    with pytest.raises(RequestRefused, match="is a date"):
        load(path)
    plain = request_text(decided()).decode().replace("'on':", "on:")
    path.write_text(plain, "utf-8")
    assert load(path) == decided()
