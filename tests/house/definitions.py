"""Where a name is defined, read from the text of a file: what documents link to is checked by it."""

import ast
import json
import re
from pathlib import Path

CODE = {".py", ".ts", ".svelte", ".js", ".json"}
_TYPESCRIPT = (
    r"(?:^|\s)(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:abstract\s+)?"
    r"(?:function\*?|class|const|let|interface|type|enum)\s+{name}\b|^\s+(?:async\s+|static\s+|readonly\s+|private\s+)*{name}[(:?<=]"
)


def python_names(source: str) -> set[str]:
    """Functions, classes, methods and what is assigned in a module or a class, inner ones as `Outer.inner` too."""
    names: set[str] = set()

    def gather(body: list[ast.stmt], outer: str) -> None:
        for node in body:
            defined: list[str] = []
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                defined = [node.name]
            elif isinstance(node, ast.Assign):
                defined = [target.id for target in node.targets if isinstance(target, ast.Name)]
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                defined = [node.target.id]
            names.update(defined, (outer + name for name in defined))
            if isinstance(node, ast.ClassDef):
                gather(node.body, f"{outer}{node.name}.")

    gather(ast.parse(source).body, "")
    return names


def defines(path: Path, name: str) -> bool:
    """Whether a file of code defines a name: a component its own, a catalogue of texts its keys. A file is itself."""
    if name == path.name:
        return True
    text = path.read_text()
    if path.suffix == ".py":
        return name in python_names(text)
    if path.suffix == ".json":
        return name in json.loads(text)
    if path.suffix == ".svelte" and path.name == f"{name}.svelte":
        return True
    pattern = _TYPESCRIPT.format(name=re.escape(name.rpartition(".")[2]))
    return re.search(pattern, text, re.MULTILINE) is not None
