"""A simulated co-ordinator: what a demonstration asks of teams goes over the desk's own door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import httpx

from steppe.decisions.warnings import CRITICAL
from steppe.kit.clock import now
from steppe.kit.http import API

OWN: Final = {"X-Steppe": "1"}
TO_ALL: Final = "Are voter lists displayed where voters can see them? Say for how many of the places you know."
ABOUT_AN_ANSWER: Final = "Did you see this yourselves, or were you told? If you were told, by whom, and when?"


class Coordinator:
    """Somebody signed in at the desk, whose questions leave at once. httpx's errors come as they do."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        """Use a client of their own, `http`: it keeps the session's cookie."""
        self._http = http

    async def sign_in(self, username: str, password: str, mission: str) -> None:
        """Open a session."""
        await self._post("/session", {"username": username, "password": password, "mission": mission})

    async def ask_all(self, text: str, *, days: int) -> None:
        """Ask every team but guests, for an answer within so many days."""
        due = (now() + timedelta(days=days)).isoformat()
        await self._post("/queries", {"text": text, "due": due})

    async def ask_about_the_gravest(self, text: str) -> None:
        """Ask a team about the first critical answer of the newest report that has one; of none, ask nothing."""
        lines = (await self._get(f"/submissions?severity={CRITICAL}"))["submissions"]
        for line in lines:
            noted = (await self._get(f"/submissions/{line['id']}"))["noted"]
            paths = [flag["path"] for flag in noted if flag["severity"] == CRITICAL]
            if paths:
                asked = {"text": text, "priority": "today", "submission": line["id"], "path": paths[0]}
                await self._post("/queries", asked)
                return

    async def _get(self, path: str) -> Any:
        answer = await self._http.get(f"{API}{path}")
        answer.raise_for_status()
        return answer.json()

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        answer = await self._http.post(f"{API}{path}", json=body, headers=OWN)
        answer.raise_for_status()
