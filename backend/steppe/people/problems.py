"""What can go wrong when somebody wants in."""

from __future__ import annotations

from http import HTTPStatus

from steppe.kit.problems import Problem, TryLater


class CodeUnknown(Problem):
    """No open enrolment has this code."""

    slug = "code-unknown"
    status = HTTPStatus.NOT_FOUND
    title = "This enrolment code is not known"
    next = "Check the code letter by letter, or ask the administrator for a new one."


class CodeExpired(Problem):
    """The code was never used, and its time is over. Only who has the code, or its hash, hears it."""

    slug = "code-expired"
    status = HTTPStatus.GONE
    title = "The time of this enrolment code is over"
    next = "Ask the administrator for a new one."


class CodeUsed(Problem):
    """The code has made another phone a device already."""

    slug = "code-used"
    status = HTTPStatus.CONFLICT
    title = "This enrolment code was used by another phone"
    next = "If that was not you, tell the administrator at once. Ask for a new code."


class PhoneOfAnother(Problem):
    """The phone was set up for somebody else, or under this id with another key: what it signs is theirs."""

    slug = "phone-of-another"
    status = HTTPStatus.CONFLICT
    title = "This phone was set up for another observer"
    next = "Ask for a code for the observer it was set up for, or wipe the phone and set it up anew."


class GuestTime(Problem):
    """A guest team's phones are enrolled on the days of its stay only."""

    slug = "guest-time"
    status = HTTPStatus.CONFLICT
    title = "This team of guests is not here today"
    next = "Its days are `from` and `until` of teams.csv: correct them and load the pack again, or wait for the first."


class BadEnrolmentProof(Problem):
    """The proof does not show possession of the offered key."""

    slug = "bad-enrolment-proof"
    status = HTTPStatus.BAD_REQUEST
    title = "The phone could not prove that it holds its key"
    next = "Open the enrolment link again."


class WrongPassword(Problem):
    """Name and password do not fit together."""

    slug = "wrong-password"
    status = HTTPStatus.UNAUTHORIZED
    title = "Name or password is not right"
    next = "Try again, or ask the administrator for a new password."


class ChooseMission(Problem):
    """The name is in several missions. Said whatever the password, and without naming any."""

    slug = "choose-mission"
    status = HTTPStatus.CONFLICT
    title = "This name is in several missions"
    next = "Sign in again with the code of your mission."


class TooManyTries(Problem):
    """Too many tries to sign in: from this address, for this name, or from all strangers together."""

    slug = "too-many-tries"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many tries to sign in"
    next = "Wait as many seconds as Retry-After says, then try again."


class TooManyCodes(TryLater):
    """Too many enrolment codes came from this address. Phones know the slug and wait."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many enrolment codes came from this address"
    next = "Wait as many seconds as Retry-After says, then open the enrolment link again."


class BadContentKey(Problem):
    """A content key that is none, or that the phone's device key has not signed for this phone and mission."""

    slug = "bad-content-key"
    status = HTTPStatus.BAD_REQUEST
    title = "This is no content key of the phone"
    next = "Sign the public P-256 key with the device key, as docs/protocol.md §14 says."


class TooManyContentKeys(TryLater):
    """The phone replaced its content key too often."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "The phone replaced its content key too often"
    next = "Wait as many seconds as Retry-After says; the key that is registered goes on."


class UnknownTeam(Problem):
    """The mission has no such team, or the team no such observer."""

    slug = "unknown-team"
    status = HTTPStatus.NOT_FOUND
    title = "The mission has no such team or observer"
    next = "List the teams with `steppe enrol --list`."


class UnknownPerson(Problem):
    """The mission has no such person at the desk: nobody of that name, an observer, or somebody who left."""

    slug = "unknown-person"
    status = HTTPStatus.NOT_FOUND
    title = "The mission has no such person at the desk"
    next = "Check the name in the pack's people.csv; `steppe person return` lets somebody in again who left."


class UnknownMember(Problem):
    """Nobody in the mission has this name, at the desk or in the field."""

    slug = "unknown-member"
    status = HTTPStatus.NOT_FOUND
    title = "Nobody in the mission has this name"
    next = "Check the name in the pack's people.csv."


class UnknownGrant(Problem):
    """The mission has no such grant, or not with these words."""

    slug = "unknown-grant"
    status = HTTPStatus.NOT_FOUND
    title = "There is no such grant"
    next = "List them with `steppe grant list`."


class BadGrant(Problem):
    """A grant names something the mission does not have, or a time that ends before it begins."""

    slug = "bad-grant"
    status = HTTPStatus.BAD_REQUEST
    title = "Nobody can be given this"
    next = "Correct the command; `steppe grant add --help` says what it takes."


class WeakPassword(Problem):
    """The password is too short."""

    slug = "weak-password"
    status = HTTPStatus.BAD_REQUEST
    title = "A password has at least 10 characters"
    next = "Choose a longer one: four random words are easy to remember."
