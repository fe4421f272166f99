"""Write what Steppe supports of XLSForm into docs/checklists.md, from the registries that the compiler reads.

`make fmt` runs this; a test fails when the document says something else than the code.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from steppe.checklists.expressions.calls import REWRITTEN
from steppe.checklists.expressions.functions import SIGNATURES
from steppe.checklists.xlsform.dialects import EMPTY, TWINS, UNKNOWN
from steppe.checklists.xlsform.question_types import (
    CONTROLS,
    ENTRIES,
    SELECT_ENTRIES,
    SELECTS,
    TYPES,
    UNREAD_PARAMETERS,
    TypeEntry,
)
from steppe.checklists.xlsform.support import (
    APPEARANCES,
    COLUMNS,
    SHEETS,
    STEPPE_COLUMNS,
    STEPPE_SETTINGS,
    STYLES,
    Support,
)

DOCUMENT: Final = Path(__file__).parent.parent / "docs/checklists.md"
ELSEWHERE: Final = Path(__file__).with_name("support_elsewhere.toml")
"""What Collect's documentation and Web Forms' matrix say of each feature."""
BEGIN: Final = "<!-- written by scripts/support_tables.py: begin -->"
END: Final = "<!-- end -->"
_VERDICTS: Final = {"yes": "yes", "as": "differently", "no": "no"}
_SAID: Final = {"yes": "yes", "no": "not yet", "unsaid": "–"}
_REFUSED: Final = {"jr:itext"}
_WRITTEN_ONLY: Final = {"current", "instance", *REWRITTEN} - _REFUSED
_NEVER_WRITTEN: Final = {"last-saved"}
_WIDTH: Final = 118


def tables() -> str:
    """Return the tables of sheets, rows, types, columns, settings, styles, appearances and functions."""
    parts = (
        ("Sheets", "sheet", ((f"`{name}`", support) for name, support in SHEETS.items())),
        ("Rows that open and close", "row", ((f"`{name}`", support) for name, support in CONTROLS.items())),
        ("Types", "type (other names)", _types()),
        ("Columns of the survey sheet", "column", _columns("survey", STEPPE_COLUMNS)),
        ("Columns of the choices sheet", "column", _columns("choices", frozenset())),
        ("Settings", "column", _columns("settings", STEPPE_SETTINGS)),
        ("Styled texts", "in labels, hints, choices and messages", iter(STYLES.items())),
        ("Appearances", "word (types)", _appearances()),
    )
    return "\n\n".join(
        [
            *(_table(*part) for part in parts),
            _functions(),
            _table("Functions of SurveyCTO", "function", _surveycto()),
            *_beside_others(tomllib.loads(ELSEWHERE.read_text())),
        ]
    )


def _table(title: str, head: str, rows: Iterable[tuple[str, Support]]) -> str:
    lines = [f"| {what} | {_VERDICTS[support.verdict]} | {support.note} |" for what, support in rows]
    return "\n".join([f"**{title}**", "", f"| {head} | supported | |", "|---|---|---|", *lines])


def _types() -> Iterator[tuple[str, Support]]:
    for name, entry in [*TYPES.items(), *((f"{name} …", entry) for name, entry in SELECTS.items())]:
        aliases = f" ({', '.join(entry.aliases)})" if entry.aliases else ""
        yield f"`{name}`{aliases}", Support(entry.support.verdict, _about(entry))


def _about(entry: TypeEntry) -> str:
    notes = [entry.support.note]
    if entry.constraint:
        notes.append(f"with the constraint `{entry.constraint}`")
    if entry.parameters:
        notes.append(f"parameters {', '.join(f'`{name}`' for name in sorted(entry.parameters))}")
    return "; ".join(filter(None, notes))


def _columns(sheet: str, own: frozenset[str]) -> Iterator[tuple[str, Support]]:
    rows = COLUMNS[sheet].items()
    yield from ((f"`{name}`", support) for name, support in rows if name not in own)
    if own:
        yield ", ".join(f"`{name}`" for name in sorted(own)), next(support for name, support in rows if name in own)


def _appearances() -> Iterator[tuple[str, Support]]:
    grouped: dict[tuple[tuple[str, ...], Support], list[str]] = {}
    for word, appearance in APPEARANCES.items():
        grouped.setdefault((tuple(sorted(appearance.types)), appearance.support), []).append(word)
    for (types, support), words in grouped.items():
        yield f"{', '.join(f'`{word}`' for word in words)} ({', '.join(types) or 'any'})", support


def _functions() -> str:
    names = sorted((SIGNATURES.keys() | _WRITTEN_ONLY) - _NEVER_WRITTEN)
    lines, line = ["**Functions**", ""], ""
    for name in (f"`{name}`" for name in names):
        if len(line) + len(name) > _WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += f"{name} "
    refused = ", ".join(f"`{name}`" for name in sorted(_REFUSED))
    return "\n".join([*lines, line.rstrip(), "", f"Refused by name: {refused}, and every function not listed."])


def _surveycto() -> Iterator[tuple[str, Support]]:
    for names, support in (
        (TWINS, Support("yes", "as their twins, with a warning")),
        (EMPTY, Support("as", "always empty: nobody is watched while observing")),
        (UNKNOWN, Support("no", "refused, in one list for the whole form")),
    ):
        yield ", ".join(f"`{name}`" for name in sorted(names)), support


def _beside_others(facts: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Iterator[str]:
    """Yield the comparison: features of which the three say the same stand in one row."""
    sources = facts["sources"]
    said = "\n".join(f"- {one['name']}: {one['said_in']}, {one['version']}" for one in sources.values())
    yield (
        "**Beside Collect and Web Forms**\n\n"
        "Steppe's column is the compiler's; the others' is what they say of themselves, – where they are silent.\n\n"
        f"{said}"
    )
    heads = " | ".join(["Steppe", *(one["name"] for one in sources.values())])
    for title in ("types", "appearances", "parameters", "columns", "functions"):
        rows: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for name, verdicts in facts[title].items():
            rows[own_verdict(title, name), *(_SAID[verdicts[source]] for source in sources)].append(f"`{name}`")
        lines = [f"| {', '.join(names)} | {' | '.join(verdicts)} |" for verdicts, names in rows.items()]
        yield "\n".join([f"| {title} | {heads} |", "|---|---|---|---|", *lines])


def own_verdict(title: str, name: str) -> str:
    """What the compiler makes of a feature: `yes`, `differently` or `no`. Raises KeyError for none of XLSForm's."""
    if title == "functions":
        return "yes" if name in SIGNATURES.keys() | _WRITTEN_ONLY else "no"
    if title == "parameters":
        known = {parameter for entry in [*TYPES.values(), *SELECTS.values()] for parameter in entry.parameters}
        if name not in known:
            raise KeyError(name)
        return "differently" if name in UNREAD_PARAMETERS else "yes"
    if title == "types":
        control = {"group": "begin group … end group", "repeat": "begin repeat … end repeat"}.get(name)
        if control is not None:
            return _VERDICTS[CONTROLS[control].verdict]
        return _VERDICTS[(ENTRIES.get(name) or SELECT_ENTRIES[name]).support.verdict]
    if title == "appearances":
        return _VERDICTS[
            APPEARANCES["columns" if name.startswith("columns-") and name != "columns-pack" else name].support.verdict
        ]
    return _VERDICTS[COLUMNS["survey"][name].verdict]


def written(document: str) -> str:
    """Return the document with its tables as the code has them now."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
