"""The report that every browser's story writes, and the search of the disk for what was typed in it."""

from pathlib import Path
from typing import Protocol

from tests.e2e.pictures import CAMERA_OWNER

LOCALITY = "marker-Қамысты-9917"
SECRET = "marker-Зубр-7431"
# A spreadsheet would run the beginning, and a search of the disk would find the end.
COMMENT = f"=1+1 quiet voting, {SECRET}"


class Hand(Protocol):
    """What an observer's hand does in the field app, whatever drives the browser."""

    def begin(self, title: str, /) -> None: ...
    def section(self, title: str, /) -> None: ...
    def pick(self, question: str, query: str, result: str, /) -> None: ...
    def write(self, question: str, text: str, /) -> None: ...
    def now(self, question: str, /) -> None: ...
    def choose(self, question: str, label: str, /) -> None: ...
    def photograph(self, question: str, file: Path, /) -> None: ...
    def saved(self) -> None: ...
    def finish(self) -> None: ...


def begin_report(hand: Hand) -> None:
    """Answer questions of several kinds in the first sections, the last with a critical answer."""
    hand.begin("Voting")
    hand.pick("ps_number", "Орал", "Oral")
    hand.now("observed_start")
    hand.choose("ps_access", "Free")
    hand.write("locality", LOCALITY)
    hand.section("Inside and the boxes")
    hand.choose("vot_box_sealed", "No")
    hand.saved()


def end_report(hand: Hand, photo: Path) -> None:
    """Answer the last sections and finish."""
    hand.section("Assessment")
    hand.choose("vot_overall", "Bad")
    hand.photograph("vot_photo", photo)
    hand.write("vot_comment", COMMENT)
    hand.section("Before you finish")
    hand.choose("conf_level", "Internal")
    hand.choose("both_agree", "Yes")
    hand.choose("flash_needed", "No")
    hand.section("Review and finish")
    hand.finish()


def in_forms(*words: str) -> list[bytes]:
    """Return words as a browser may write them."""
    return [word.encode(form) for word in words for form in ("utf-8", "utf-16-le")]


def files_with(patterns: list[bytes], profile: Path) -> list[str]:
    """Name the files of a browser's profile that hold any of the patterns in clear."""
    files = [path for path in profile.rglob("*") if path.is_file()]
    return [
        str(path.relative_to(profile)) for path in files if any(pattern in path.read_bytes() for pattern in patterns)
    ]


def nothing_typed_is_clear_on(profile: Path) -> None:
    """Search the disk for what was typed and for the camera's owner."""
    # What the app keeps in clear on purpose must be found, or the search looks in the wrong place.
    assert files_with(in_forms("steppe-outbox", "outbox"), profile)
    assert files_with(in_forms(LOCALITY, SECRET, CAMERA_OWNER), profile) == []
