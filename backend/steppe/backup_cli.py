"""`steppe backup …`: the recovery key, and copies of everything for the day this machine is gone."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Final

import typer

from steppe.audit.commands import COMMAND_LINE
from steppe.backup import commands
from steppe.backup.problems import KeyMade, WordsNotRepeated
from steppe.backup.queries import recovery_key
from steppe.backup.recovery_words import RecoveryWords, make_recovery_words
from steppe.terminal import opened, run, told

REPEATED: Final = 3
_TRIES: Final = 3
_A_ROW: Final = 4

backup_app = typer.Typer(no_args_is_help=True, help="Backups: sealed files of everything, and the key that opens them.")


@backup_app.command("key")
def key(
    *,
    replace: Annotated[bool, typer.Option("--replace", help="the words are lost: make others for backups to come")] = (
        False
    ),
) -> None:
    """Make the recovery key: 24 words to write down now. Without them no backup can be opened, by anybody."""

    async def is_made() -> bool:
        async with opened() as (_, database), database.read() as session:
            return await recovery_key(session) is not None

    async def keep(public: str) -> None:
        async with opened() as (_, database), database.write() as session:
            await commands.keep_recovery_key(session, public, is_replaced=replace, actor=COMMAND_LINE)

    with told():
        if run(is_made()) and not replace:
            raise KeyMade
        made = make_recovery_words()
        _show(made)
        _ask_back(made)
    run(keep(made.public))
    typer.echo("The recovery key is set. Keep the paper where this machine is not, and tell a second person where.")


def _show(made: RecoveryWords) -> None:
    typer.echo("The recovery key. Write these words down, with their numbers, on paper; they are shown only now.\n")
    for row in range(0, len(made.words), _A_ROW):
        typer.echo("  ".join(f"{row + place + 1:2} {made.words[row + place]:<9}" for place in range(_A_ROW)).rstrip())
    typer.echo()


def _ask_back(made: RecoveryWords) -> None:
    """Ask for some of the words. Raises WordsNotRepeated."""
    for place in places_to_repeat(len(made.words)):
        for _ in range(_TRIES):
            typed: Any = typer.prompt(f"Word {place + 1}")
            if str(typed).strip().lower() == made.words[place]:
                break
            typer.echo("That is another word. Look at your paper.")
        else:
            raise WordsNotRepeated


def places_to_repeat(count: int) -> list[int]:
    """Return the places, from 0, of the words that are asked back."""
    return sorted(secrets.SystemRandom().sample(range(count), REPEATED))
