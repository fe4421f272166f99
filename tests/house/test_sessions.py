"""Nothing but the database is waited for while a writing session is open.

Whoever writes holds a connection and the mission's counter, on SQLite the only writer: a store, a thread, a network or
a clock awaited there stops the pushes of everybody. So inside `database.write()`, and in every function that is given a
session that writes, an `await` is of the session itself or of a function that is given the session.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.house.files import ROOT

SOURCES = sorted((ROOT / "backend" / "steppe").rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
# What such a function awaits beside the session is looked at too, because whoever writes may call it.
TYPES = ("WriteSession", "ReadSession", "Session")


def names_in(node: ast.AST | None) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} if node is not None else set()


def sessions_given(function: Function) -> set[str]:
    """Return the arguments of a function that are sessions, by their type."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return {one.arg for one in arguments if {name.removesuffix("Dep") for name in names_in(one.annotation)} & {*TYPES}}


def sessions_opened(node: ast.AsyncWith) -> set[str]:
    """Return the names that an `async with database.write() as …` gives its session."""
    return {
        item.optional_vars.id
        for item in node.items
        if isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == "write"
        and isinstance(item.optional_vars, ast.Name)
    }


def own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield what runs when a body runs: not the bodies of functions defined within."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def waits(node: ast.AST) -> list[ast.expr]:
    """Return what a node makes its function wait for."""
    if isinstance(node, ast.Await):
        return [node.value]
    if isinstance(node, ast.AsyncFor):
        return [node.iter]
    if isinstance(node, ast.comprehension) and node.is_async:
        return [node.iter]
    return [item.context_expr for item in node.items] if isinstance(node, ast.AsyncWith) else []


def with_results(nodes: list[ast.AST], sessions: set[str]) -> set[str]:
    """Return the sessions' names and those of what was got from them: a connection, rows that still come."""
    names = set(sessions)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Await) and is_of(node.value.value, sessions):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def is_of(awaited: ast.expr, sessions: set[str]) -> bool:
    """Say whether what is waited for is the session's, or is handed the session."""
    if isinstance(awaited, ast.Await):
        return is_of(awaited.value, sessions)
    if not isinstance(awaited, ast.Call):
        return False
    # `writing.exec(…)`, `(await writing.connection()).execute(…)`, `apply(writing, …)`, `out(ReadSession(writing), …)`
    root = awaited.func
    while isinstance(root, ast.Attribute | ast.Await):
        root = root.value
    if isinstance(root, ast.Call) and root is not awaited:
        return is_of(root, sessions)
    handed = [*awaited.args, *(keyword.value for keyword in awaited.keywords)]
    direct = {name for one in handed for name in ({one.id} if isinstance(one, ast.Name) else set())}
    wrapped = {
        name for one in handed if isinstance(one, ast.Call) and called_name(one) in TYPES for name in names_in(one)
    }
    return bool(sessions & (direct | wrapped)) or (isinstance(root, ast.Name) and root.id in sessions)


def strangers_to_sessions(tree: ast.Module, path: str) -> tuple[list[str], dict[str, str]]:
    """Return what writers wait for that is not the database, and the readers that wait for such a thing by name."""
    wrong: list[str] = []
    readers: dict[str, str] = {}
    for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
        given = sessions_given(function)
        annotated = {name for one in function.args.args + function.args.kwonlyargs for name in names_in(one.annotation)}
        writes = bool(annotated & {"WriteSession", "WriteSessionDep"})
        nodes = list(own_nodes(function.body))
        names = with_results(nodes, given)
        for awaited in (one for node in nodes for one in waits(node)) if given else ():
            if not is_of(awaited, names):
                place = f"{path}: {function.name} waits for {ast.unparse(awaited)}"
                if writes:
                    wrong.append(place)
                else:
                    readers[function.name] = place
    for opening in (node for node in ast.walk(tree) if isinstance(node, ast.AsyncWith)):
        if opened := sessions_opened(opening):
            nodes = list(own_nodes(opening.body))
            names = with_results(nodes, opened)
            wrong += [
                f"{path}: a writing session is open while {ast.unparse(awaited)} is waited for"
                for node in nodes
                for awaited in waits(node)
                if not is_of(awaited, names)
            ]
    return wrong, readers


def called_by_writers(tree: ast.Module) -> set[str]:
    """Return the names of functions that writing code awaits."""
    bodies = [
        function.body
        for function in ast.walk(tree)
        if isinstance(function, Function)
        and any("WriteSession" in name for one in function.args.args for name in names_in(one.annotation))
    ]
    bodies += [node.body for node in ast.walk(tree) if isinstance(node, ast.AsyncWith) and sessions_opened(node)]
    return {
        called_name(awaited)
        for body in bodies
        for node in own_nodes(body)
        for awaited in waits(node)
        if isinstance(awaited, ast.Call)
    }


def violations(sources: dict[str, str]) -> list[str]:
    """Return every wait for something else than the database that a writing session may stand around."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    wrong: list[str] = []
    readers: dict[str, str] = {}
    for path, tree in trees.items():
        found, reading = strangers_to_sessions(tree, path)
        wrong += found
        readers |= reading
    called = {name for tree in trees.values() for name in called_by_writers(tree)}
    return wrong + [place for name, place in readers.items() if name in called]


def test_a_writing_session_waits_for_the_database_only() -> None:
    assert len(SOURCES) > 50
    found = violations({str(path.relative_to(ROOT)): path.read_text() for path in SOURCES})
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "async def f(database, blobs):\n async with database.write() as s:\n  await blobs.put('a', b'')",
        "async def f(database):\n async with opened() as x, database.write() as s:\n  await to_thread(g)",
        "async def f(s: WriteSession, blobs):\n await blobs.get('a')",
        "async def f(s: ReadSession | WriteSession):\n await asyncio.sleep(1)",
        "async def f(s: WriteSession, http):\n async with http.stream('GET', 'x') as answer:\n  pass",
        "async def f(s: WriteSession, pages):\n return [one async for one in pages]",
        "async def f(s: WriteSessionDep, task):\n await task",
        "async def r(s: ReadSession, blobs):\n await blobs.get('a')\nasync def f(s: WriteSession):\n await r(s, 1)",
    ],
)
def test_the_walk_finds_a_wait_for_something_else(code: str) -> None:
    assert len(violations({"seeded.py": code})) == 1


@pytest.mark.parametrize(
    "code",
    [
        "async def f(s: WriteSession):\n return (await s.exec(q)).all(), await g(s, 1)",
        "async def f(db):\n async with db.write() as s:\n  await g(ReadSession(s))\n await blobs.put('a', b'')",
        "async def f(s: WriteSession):\n async with s.begin_nested():\n  await s.flush()",
        "async def f(s: ReadSession, blobs):\n await blobs.get('a')",
    ],
)
def test_the_walk_lets_the_database_be_waited_for(code: str) -> None:
    assert violations({"sound.py": code}) == []
