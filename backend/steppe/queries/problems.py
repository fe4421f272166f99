"""Steps of a query that cannot be taken now."""

from __future__ import annotations

from http import HTTPStatus

from steppe.kit.problems import Problem


class NothingToRelease(Problem):
    """No round waits for the co-ordinator."""

    slug = "nothing-to-release"
    status = HTTPStatus.CONFLICT
    title = "Nothing of this question waits to be released"
    next = "Load the board again: somebody else released or ended it."


class NobodyToAsk(Problem):
    """A free query would go to no team."""

    slug = "nobody-to-ask"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "The question goes to no team"
    next = "Choose at least one team."
