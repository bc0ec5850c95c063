"""The part of the roof that looks after keys: `uttrekk keys ...`. Only `cli` imports it.

No command takes a key, and none shows one: what is shown is what a key is called, and where it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pipeline.config import Settings, environment
from pipeline.errors import SettingWrong

if TYPE_CHECKING:
    from pipeline.identity.keys import Keys
    from pipeline.identity.keys.care import KeyLine

HEADINGS = ("project", "epoch", "key id", "made", "state")


@click.group()
def keys() -> None:
    """Look after the keys that pseudonyms hang on.

    \b
    UTTREKK_KEYS        the folder, 0700, with each project's keys, wrapped by the master
    UTTREKK_MASTER_KEY  the master's file, 0600 or 0400, where it is not UTTREKK_KEYS/master.key:
                        for example a secret mount's, /run/secrets/uttrekk_master; it may be read-only
    """


@keys.command(
    epilog="\b\nExamples:\n  UTTREKK_KEYS=/etc/uttrekk/keys uttrekk keys create\n"
    "  uttrekk keys create --project kohort                 the project's key, before it is needed\n"
    "  uttrekk keys create --project kohort --new-epoch     new pseudonyms from the next version on"
)
@click.option("--project", metavar="P", help="Make that project's key instead of the master.")
@click.option("--new-epoch", is_flag=True, help="A further key for the project: new pseudonyms.")
def create(project: str | None, new_epoch: bool) -> None:
    """Make a master key, once, or a project's key.

    One that exists is never replaced. The folder UTTREKK_KEYS is made 0700 and the file 0600, and may not
    lie in a git checkout. Each project's own key is made at random the first time it is needed, and
    wrapped by the master. Whoever loses the folder or the master can never make the same pseudonyms
    again; keep a copy of each where the data is not.
    """
    from pipeline.identity.keys import create_master
    from pipeline.identity.keys.care import add_project

    if new_epoch and project is None:
        raise SettingWrong(
            "A new epoch is one project's.",
            instead="No key was made.",
            do="Name the project: uttrekk keys create --project P --new-epoch",
        )
    settings = Settings.from_environment(environment())
    if project is None:
        _refuse_beside_data(settings)
        made = create_master(settings.keys, demo=False, master=settings.master_key)
        what = "was made in" if made else "already stands in"
        click.echo(f"A master key {what} {settings.master_key or settings.keys}. Next: uttrekk run")
        return
    line, made = add_project(_opened(settings), project, further=new_epoch)
    what = "was made" if made else "already stands; nothing was made"
    click.echo(f"The key of {project}, epoch {line.epoch} (key id {line.id}), {what}.")
    if made and line.epoch > 1:
        click.echo(
            "From the next version on its pseudonyms are other ones, and cannot be joined with the old."
        )
    click.echo("Next: uttrekk run")


@keys.command("list", epilog="\b\nExample:\n  uttrekk keys list")
def show() -> None:
    """List projects, epochs and key ids; never a byte of a key."""
    from pipeline.identity.keys.care import listed

    found = _opened(Settings.from_environment(environment()))
    whose = "the demo's, for invented persons only" if found.demo else "a real one"
    click.echo(
        f"Master key: id {found.master.id}, {whose}, made {found.master.made_at or 'at a time not noted'}"
    )
    lines = listed(found)
    if not lines:
        click.echo("No project has a key yet: the first version makes one. Next: uttrekk run")
        return
    _table(lines)
    click.echo("Next: uttrekk keys check")


@keys.command(epilog="\b\nExample:\n  uttrekk keys check")
def check() -> None:
    """Open every key, and look at its file's owner and mode.

    Nothing is changed. Ends with exit code 16 where anything is wrong.
    """
    from pipeline.identity.keys.care import check as check_keys

    found = check_keys(_opened(Settings.from_environment(environment())))
    click.echo(f"The master key and {found.keys} keys of projects open, and are their owner's alone.")
    for note in found.notes:
        click.echo(f"  {note}")
    click.echo("Next: uttrekk run")


@keys.command(epilog="\b\nExample:\n  uttrekk keys rotate")
def rotate() -> None:
    """Put a new master in the old one's place.

    Every project's key is wrapped by it, and no pseudonym changes. It can be killed at any moment and
    typed again. A copy of the old master still opens old copies of the folder: replace the copies. A
    master on a read-only mount is not rotated there; the message says how.
    """
    from pipeline.identity.keys.care import rotate as rotate_keys

    rotated, count = rotate_keys(_opened(Settings.from_environment(environment())))
    click.echo(f"A new master key, id {rotated.master.id}, wraps {count} keys; no pseudonym has changed.")
    click.echo("Next: replace your copies of the master and of the folder, then: uttrekk keys check")


@keys.command(
    epilog="\b\nExamples:\n  uttrekk keys destroy --project kohort\n"
    "  uttrekk keys destroy --project kohort --epoch 1 --yes"
)
@click.option("--project", metavar="P", required=True, help="Whose key.")
@click.option("--epoch", type=click.IntRange(1), help="Only that epoch's; default: all of them.")
@click.option("--yes", is_flag=True, help="Do not ask for the project's name to be typed.")
def destroy(project: str, epoch: int | None, yes: bool) -> None:
    """Destroy a project's key for good.

    Its pseudonyms can never be made again. Who did it, and when, is kept in UTTREKK_KEYS/destroyed.jsonl.
    Published versions stand as they are. Copies of the folder elsewhere are not reached: destroy them too.
    """
    from pipeline.identity.keys.care import IN_FORCE, listed
    from pipeline.identity.keys.care import destroy as destroy_key

    found = _opened(Settings.from_environment(environment()))
    if not yes and click.prompt("Type the project's name to destroy its key", type=str) != project:
        raise SettingWrong(
            "That is not the project's name.",
            instead="Nothing was destroyed.",
            do=f"Type the same command again: uttrekk keys destroy --project {project}",
        )
    gone = destroy_key(found, project, epoch)
    if not gone:
        click.echo("It was destroyed before; nothing was changed.")
    for line in gone:
        click.echo(f"The key of {line.project}, epoch {line.epoch} (key id {line.id}), is destroyed.")
    in_force = any(line.state == IN_FORCE for line in listed(found) if line.project == project)
    onward = "see what stands" if in_force else "to go on under new pseudonyms"
    command = "list" if in_force else f"create --project {project} --new-epoch"
    click.echo(f"Next: destroy the copies of the folder too; {onward}: uttrekk keys {command}")


def _opened(settings: Settings) -> Keys:
    from pipeline.identity.keys import Keys

    return Keys(settings.keys, settings.master_key)


def _refuse_beside_data(settings: Settings) -> None:
    places = [settings.keys, *([settings.master_key] if settings.master_key else [])]
    if any(place.resolve().is_relative_to(settings.data) for place in places):
        raise SettingWrong(
            "UTTREKK_KEYS is not set, or a key would lie in the data root, beside what it protects.",
            instead="No key was made.",
            do="Name a folder elsewhere: export UTTREKK_KEYS=/etc/uttrekk/keys",
        )


def _table(lines: Sequence[KeyLine]) -> None:
    rows = [HEADINGS, *((i.project, str(i.epoch), i.id or "?", i.made_at or "?", i.state) for i in lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
