"""Who imports whom in `pwa/src`, read from the text of its modules: no Node is needed to know it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# `import … from "x"`, `export … from "x"` (both with `type` too), `import "x"` and `import("x")`.
IMPORT = re.compile(
    r"""(?:^|[;{}\s])(?:import|export)\b[^"'`;()]*?\bfrom\s*["'](?P<named>[^"']+)["']"""
    r"""|(?:^|[;{}\s])import\s*["'](?P<bare>[^"']+)["']"""
    r"""|\bimport\s*\(\s*["'](?P<dynamic>[^"']+)["']\s*\)""",
)
SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
# The message catalogue becomes code at build time; nobody wrote it, and everybody may speak.
GENERATED = "i18n/paraglide"
ENDINGS = ("", ".ts", ".svelte", ".svelte.ts")

Graph = dict[str, set[str]]


def specifiers(path: Path) -> Iterator[str]:
    """Yield what a module names in its imports, type imports included."""
    text = path.read_text()
    code = "\n".join(SCRIPT.findall(text)) if path.suffix == ".svelte" else text
    for match in IMPORT.finditer(COMMENT.sub("", code)):
        yield match["named"] or match["bare"] or match["dynamic"]


def modules(source: Path) -> list[Path]:
    """All modules below a folder that a person wrote."""
    return sorted(
        path
        for path in source.rglob("*")
        if path.suffix in {".ts", ".svelte"} and not path.relative_to(source).as_posix().startswith(GENERATED)
    )


def is_test(name: str) -> bool:
    """Whether a module holds tests, or is there for them only."""
    return name.endswith(".test.ts") or name.startswith("testing/")


def resolved(source: Path, module: Path, specifier: str) -> str | None:
    """The module a relative specifier leads to, relative to the source; None for what is not a module of ours.

    Raises:
        ValueError: The specifier leads nowhere: a wall that does not see an import does not hold.
    """
    if not specifier.startswith("."):
        return None
    # What a bundler is to make of a module (`?worker&url`) does not change which one it is.
    target = (module.parent / specifier.partition("?")[0]).resolve()
    if not target.is_relative_to(source):
        return None
    if target.relative_to(source).as_posix().startswith(GENERATED):
        return None
    for ending in ENDINGS:
        if (found := target.with_name(target.name + ending)).is_file():
            return found.relative_to(source).as_posix() if found.suffix in {".ts", ".svelte"} else None
    message = f"{module.relative_to(source)} imports {specifier}, which is nowhere"
    raise ValueError(message)


def imports(source: Path) -> Graph:
    """Every module with the modules it imports, both relative to the source. Itself left out: a component may recur."""
    root = source.resolve()
    graph: Graph = {}
    for module in modules(root):
        name = module.relative_to(root).as_posix()
        targets = {resolved(root, module, specifier) for specifier in specifiers(module)}
        graph[name] = {target for target in targets if target is not None and target != name}
    return graph


def folders(graph: Mapping[str, Iterable[str]]) -> Graph:
    """The same by folder, however deep: a wing with a door of its own counts as a folder."""
    among: Graph = {}
    for module, targets in graph.items():
        home = Path(module).parent.as_posix()
        others = {Path(target).parent.as_posix() for target in targets} - {home}
        among.setdefault(home, set()).update(others)
    return among


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The groups of two and more that reach each other, each sorted."""
    reach: dict[str, set[str]] = {}
    for start in graph:
        seen: set[str] = set()
        waiting = list(graph[start])
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting.extend(graph.get(node, ()))
        reach[start] = seen
    groups = {tuple(sorted(other for other in reach[node] if node in reach.get(other, ()))) for node in graph}
    return [list(group) for group in sorted(groups) if len(group) > 1]
