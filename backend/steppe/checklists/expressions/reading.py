"""Closures that read answers, rows and columns for an expression, from where it stands in the form."""

from collections.abc import Callable, Mapping

from steppe.checklists.expressions.env import Closure, Env, Numeric, References, Textual, rows_of
from steppe.checklists.expressions.lookups import Narrowing
from steppe.checklists.expressions.sources import Source
from steppe.checklists.expressions.values import Value, text_of_answer


def answer_reader(question: str, references: References) -> Callable[[Env], object] | None:
    """A closure for the raw answer of a question that has one answer here; None when it has many."""
    reach = references.reach(question)
    if reach.kind != "one":
        return None
    depth = reach.depth
    if depth == 0:
        return lambda env: env.values.get(question)
    return lambda env: env.values.get(env.prefixes[depth] + question)


def nodes_reader(name: str, references: References) -> Closure:
    """A closure for the node-set of a question with many answers here, or of a repeat's rows."""
    reach = references.reach(name)
    depth, below = reach.depth, reach.below
    if reach.kind == "rows":

        def rows(env: Env) -> Value:
            found = ["" for prefix in env.rows_below(depth, below) for _ in rows_of(env.values, prefix + name)]
            env.spend(len(found))
            return found

        return rows

    def nodes(env: Env) -> Value:
        paths = [prefix + name for prefix in env.rows_below(depth, below)]
        found = [text_of_answer(env.values.get(path)) for path in paths if path not in env.irrelevant]
        env.spend(len(found))
        return found

    return nodes


def indexed_reader(question: str, numbers: Mapping[str, Numeric], references: References) -> Textual:
    """`indexed-repeat()`: the answer in the rows of these numbers; other rows are the reader's own, or the first."""
    chain, near = references.chain(question), references.shared(question)

    def indexed(env: Env) -> str:
        prefix, is_near = "", True
        for depth, repeat in enumerate(chain):
            number = numbers.get(repeat)
            is_near = is_near and depth < near
            if number is None and is_near:
                prefix = env.prefixes[depth + 1]
                continue
            is_near = False
            place = 1.0 if number is None else number(env)
            rows = rows_of(env.values, prefix + repeat)
            if not 1 <= place <= len(rows) or place != int(place):
                return ""
            prefix = f"{prefix}{repeat}/{rows[int(place) - 1]}/"
        return text_of_answer(env.values.get(prefix + question))

    return indexed


def column_reader(name: str) -> Textual:
    """A closure for a column of the row of a choice list or table at hand; empty where there is none."""

    def cell(env: Env) -> str:
        item = env.item
        return "" if item is None else item.source.column(name)[item.at]

    return cell


def rows_reader(repeat: str, chosen: Narrowing, column: str, references: References) -> Closure:
    """A closure for a question's answers in the rows of a repeat that a narrowing leaves; `""` counts the rows.

    Rows in which the question is irrelevant are left out, as in every node-set.
    """
    reach = references.reach(repeat)
    chain = (*reach.below, repeat)

    def answers(env: Env) -> Value:
        prefixes = env.rows_below(reach.depth, chain)

        def cells(name: str) -> list[str]:
            env.spend(len(prefixes))
            return [text_of_answer(env.values.get(prefix + name)) for prefix in prefixes]

        places = chosen(Source(len(prefixes), cells), None, env)
        if column == "":
            return [""] * len(places)
        env.spend(len(places))
        paths = [prefixes[at] + column for at in places]
        return [text_of_answer(env.values.get(path)) for path in paths if path not in env.irrelevant]

    return answers
