"""Expected failures, told the way RFC 9457 says: what happened, and what to do next."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from pydantic import BaseModel, Field


class ProblemOut(BaseModel):
    """An error on the wire (`application/problem+json`, RFC 9457)."""

    type: str = Field(description="stable address of this kind of problem, `urn:steppe:problem:<slug>`")
    title: str
    status: int
    detail: str
    next: str = Field(description="what the caller can do now")


class Problem(Exception):
    """A failure we expect. Subclasses stand beside the code that raises them and set the four class attributes."""

    slug: ClassVar[str] = "problem"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    title: ClassVar[str] = "Something is wrong with the request"
    next: ClassVar[str] = "Check the request and send it again."

    def __init__(self, detail: str = "", *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        """Keep what happened in this case (`detail`), response headers, and further members of the body."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = headers or {}
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the problem document."""
        return {
            **self.extra,
            "type": f"urn:steppe:problem:{self.slug}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "next": self.next,
        }


class NotFound(Problem):
    """Unknown and forbidden look the same."""

    slug = "not-found"
    status = HTTPStatus.NOT_FOUND
    title = "There is nothing here for you"
    next = "Check the address, or ask an administrator whether you should see it."


class SignInNeeded(Problem):
    """No valid session or token came with the request."""

    slug = "sign-in-needed"
    status = HTTPStatus.UNAUTHORIZED
    title = "Sign in first"
    next = "Sign in again. Nothing you wrote is lost."


class Unexpected(Problem):
    """A fault of the server's own. The log has the same reference, with the kind and place of the failure."""

    slug = "unexpected"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "The server made a mistake"
    next = "Try again later. Tell the administrator the reference if it happens again; nothing you keep is lost."


class ClientLeft(Problem):
    """The connection was closed before the request was whole; nobody reads this answer, but the log has it."""

    slug = "client-left"
    status = 499  # type: ignore[assignment]  # nginx's word for it; http.HTTPStatus has no member
    title = "The request was cut off"
    next = "Send the same request again."


class TryLater(Problem):
    """The server cannot answer now; the same request is safe to repeat."""

    slug = "try-later"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = "The server is busy"
    next = "Send the same request again in a few seconds. Nothing is lost."
