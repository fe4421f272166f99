"""Given answers entered on a phone, question by question, in the language the phone speaks: taps, keys and files."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from steppe.checklists.definition import Definition, Question, Repeat, Section
from tests.e2e.screens import ROOT

PATIENCE_MS = 60_000
# Answers that a file brings: the phone makes its own bytes of it, so the answer is another one than was planned.
BY_FILE = frozenset({"photo"})
BY_SENSOR = frozenset({"geopoint"})
MOMENTS = frozenset({"date", "time", "datetime"})
TYPED = frozenset({"text", "integer", "decimal", "barcode"}) | MOMENTS
# Languages in which the app asks for day, month and year itself.
OWN_FIELDS = frozenset({"ru", "kk"})
_ROUNDS = 4
# A tap on a page that moves under it counts for nothing. Whoever sees so taps again; more than these is a fault.
_LOST_TAPS = 1
_LANDING_MS = 2_000

Answers = dict[str, Any]


def words_of(language: str) -> dict[str, Any]:
    """The app's own texts in a language."""
    texts: dict[str, Any] = json.loads((ROOT / "pwa" / "messages" / f"{language}.json").read_text())
    return texts


@dataclass
class PlaceNames:
    """What places are called in a language: code → name. Stations go by their number."""

    districts: dict[str, str]
    regions: dict[str, str]


@dataclass
class Filling:
    """One report being filled on `page`; `planned` are the answers to give, with row ids of whoever planned them."""

    page: Page
    definition: Definition
    planned: Answers
    language: str
    places: PlaceNames
    photo: Path
    rows: dict[str, str] = field(default_factory=dict)
    """Row id as planned → row id on the phone."""
    given: set[str] = field(default_factory=set)
    """Planned paths that were entered."""
    lost_taps: list[str] = field(default_factory=list)
    """Choices that had to be tapped twice."""

    def __post_init__(self) -> None:
        """Read the words on the buttons."""
        self.words = words_of(self.language)

    @property
    def submission(self) -> str:
        """The report's id, from the address."""
        return re.split(r"/(?:fill|review)/", self.page.url)[1].split("/")[0]

    def begin(self) -> None:
        """Tap the checklist's tile on New."""
        self.page.get_by_role("navigation").get_by_role("link", name=self.words["nav_new"], exact=True).click()
        tile = self.page.locator("main li button").filter(
            has=self.page.get_by_text(self.definition.short[self.language], exact=True)
        )
        tile.first.click()
        expect(self.page.locator("article.card, section.repeat").first).to_be_visible()

    def next(self) -> None:
        """Go to the next section, or to the review after the last."""
        before = self.page.url
        name = re.compile(f"^({re.escape(self.words['next'])}|{re.escape(self.words['fill_review'])})$")
        self.page.get_by_role("link", name=name).click()
        expect(self.page).not_to_have_url(before)

    def is_at_review(self) -> bool:
        """Whether the last section is behind."""
        return "#/review/" in self.page.url

    def section(self) -> Section:
        """The section on the screen, by the number in its address."""
        return self.definition.sections[int(self.page.url.rsplit("/fill/", 1)[1].split("/")[1])]

    def answer_section(self) -> None:
        """Answer what the section asks, what an answer brings up included."""
        section = self.section()
        # The address changes first, the screen follows, and its end is drawn when the phone has nothing else to do: on
        # a busy machine a question that is not there yet looks like one that is not asked.
        expect(self.page.locator("main h2").first).to_have_text(section.title[self.language])
        for _ in range(_ROUNDS):
            expect(self.page.locator("div.near:not(.drawn)")).to_have_count(0)
            before = len(self.given) + len(self.rows)
            for node in section.nodes:
                if isinstance(node, Repeat):
                    self._repeat(node)
                else:
                    self._question(node, node.id)
            if len(self.given) + len(self.rows) == before:
                return

    def saved(self) -> None:
        """Leave the last field and wait until a disk holds what was answered."""
        self.page.evaluate("document.activeElement?.blur()")
        expect(self.page.locator("p.sub.pending")).to_have_count(0)

    def finish(self) -> None:
        """Press Finish on the review page; the outbox follows. Raises AssertionError with what stands in the way."""
        blocked = self.page.locator("main section:has(span.hard) a").all_inner_texts()
        assert not blocked, f"{self.definition.id} cannot be finished: {blocked}"
        self.page.get_by_role("button", name=self.words["review_finish"]).click()
        anyway = self.page.get_by_role("dialog").get_by_role("button", name=self.words["finish_anyway"])
        arrived = self.page.get_by_role("heading", level=1, name=self.words["nav_outbox"])
        anyway.or_(arrived).first.wait_for(timeout=PATIENCE_MS)
        if anyway.is_visible():
            anyway.click()
        expect(self.page).to_have_url(re.compile("#/outbox$"), timeout=PATIENCE_MS)

    def as_planned(self, answers: Answers) -> Answers:
        """Return what the phone sent under the row ids of the plan."""
        back = {phone: plan for plan, phone in self.rows.items()}
        return {
            "/".join(back.get(part, part) for part in path.split("/")): [back.get(one, one) for one in answer]
            if isinstance(answer, list)
            else answer
            for path, answer in answers.items()
        }

    def _repeat(self, repeat: Repeat) -> None:
        for path, row in self._rows(repeat):
            if row not in self.rows and not self._add_row(repeat, path, row):
                continue
            asked = [(question, f"{path}/{row}/{question.id}") for question in repeat.questions]
            asked = [(question, at) for question, at in asked if self._is_due(question, at)]
            if asked:
                self._open_row(row)
            for question, at in asked:
                self._question(question, at)

    def _rows(self, repeat: Repeat) -> Iterator[tuple[str, str]]:
        """Yield path of the list and id of each planned row of a repeat, nested ones below every row above."""
        pattern = re.compile(rf"(?:[^/]+/[^/]+/)*{re.escape(repeat.id)}")
        for path, answer in self.planned.items():
            if pattern.fullmatch(path):
                yield from ((path, row) for row in answer)

    def _add_row(self, repeat: Repeat, path: str, row: str) -> bool:
        """Take the first row nobody planned for, or tap Add; says whether there is a row now."""
        place: Page | Locator = self.page
        if "/" in path:
            outer = path.split("/")[-2]
            self._open_row(outer)
            place = self.page.locator("li").filter(has=self._head(outer)).last
        name = self.words["row_add"].replace("{name}", repeat.label[self.language])
        button = place.get_by_role("button", name=name, exact=True)
        if button.count() == 0:
            return False
        before = set(self._row_ids())
        button.last.click()
        expect(self.page.locator("[data-row]")).to_have_count(len(before) + 1)
        [self.rows[row]] = set(self._row_ids()) - before
        return True

    def _row_ids(self) -> list[str]:
        ids: list[str] = self.page.locator("[data-row]").evaluate_all("heads => heads.map((one) => one.dataset.row)")
        return ids

    def _head(self, row: str) -> Locator:
        return self.page.locator(f'[data-row="{self.rows[row]}"]')

    def _open_row(self, row: str) -> None:
        if self._head(row).get_attribute("aria-expanded") == "false":
            self._head(row).click()

    def _is_due(self, question: Question, path: str) -> bool:
        is_open = path not in self.given and path in self.planned
        return is_open and question.calculation is None and not question.read_only

    def _on_phone(self, path: str) -> str:
        return "/".join(self.rows.get(part, part) for part in path.split("/"))

    def _question(self, question: Question, path: str) -> None:
        if not self._is_due(question, path):
            return
        card = self.page.locator(f'[id="q-{self._on_phone(path)}"]')
        if card.count() == 0:
            return
        self._enter(card, question, self.planned[path])
        self.given.add(path)

    def _enter(self, card: Locator, question: Question, answer: Any) -> None:
        if question.location is not None:
            self._place(card, question.location, answer)
        elif question.type in {"select_one", "select_multiple"}:
            self._choose(card, question, answer if isinstance(answer, list) else [answer])
        elif question.type == "photo":
            card.locator("input[type=file]").last.set_input_files(self.photo)
            expect(card.get_by_role("img")).to_be_visible(timeout=PATIENCE_MS)
        elif question.type == "geopoint":
            card.get_by_role("button", name=self.words["geo_take"]).click()
            expect(card.get_by_role("button", name=self.words["geo_remove"])).to_be_visible()
        elif question.type == "acknowledge":
            card.locator("input").check()
        else:
            assert question.type in TYPED, f"nobody has told this test how to answer {question.type} {question.id}"
            if question.type in MOMENTS and self.language in OWN_FIELDS:
                self._write_parts(card, str(answer))
                return
            card.locator("input, textarea").first.fill(self._typed(question, answer))

    def _write_parts(self, card: Locator, answer: str) -> None:
        """Write day, month, year, hours and minutes, each into its field: `2021-01-10T14:05+06:00`."""
        day, _, time = answer.partition("T") if "-" in answer else ("", "", answer)
        parts = [*reversed(day.split("-")), *time[:5].split(":")]
        fields = card.get_by_role("textbox")
        for number, part in enumerate(one for one in parts if one):
            fields.nth(number).fill(part.lstrip("0") or "0")

    def _typed(self, question: Question, answer: Any) -> str:
        if question.type == "datetime":
            return str(answer)[:16]
        text = str(answer)
        if question.type in {"integer", "decimal"} and self.language != "en":
            return text.replace(".", ",")
        return text

    def _choose(self, card: Locator, question: Question, names: list[str]) -> None:
        labels = {choice.name: choice.label[self.language] for choice in self.definition.choices[question.list or ""]}
        wanted = [labels[name] for name in names]
        opener = card.locator(":scope > button.button")
        folded = card.locator(":scope > p > button")
        opener.or_(card.locator("label")).or_(folded).first.wait_for()
        if folded.count() and not card.locator("label").count():
            folded.first.click()
            card.locator("label").first.wait_for()
        is_on_card = opener.count() == 0
        if not is_on_card:
            opener.click()
        place = card if is_on_card else self.page.get_by_role("dialog")
        place.locator("input").first.wait_for(state="attached")
        if question.type == "select_multiple":
            # By the labels, which an observer reads; a default that is not planned is taken back.
            is_now = self._chosen(place)
            wanted = [label for label in labels.values() if (label in wanted) != (label in is_now)]
        for label in wanted:
            was_chosen = label in self._chosen(place)
            self._tap(place, label)
            # A choice in a sheet may close it, and one that is made already stays.
            is_seen = is_on_card and not (was_chosen and question.type == "select_one")
            if not is_seen or self._landed(place, label, was_chosen):
                continue
            self.lost_taps.append(f"{question.id}: {label}")
            assert len(self.lost_taps) <= _LOST_TAPS, f"taps that counted for nothing: {self.lost_taps}"
            self._tap(place, label)
        if not is_on_card and question.type == "select_multiple":
            place.get_by_role("button", name=self.words["choice_done"]).click()
        if not is_on_card:
            expect(place).to_be_hidden()

    def _chosen(self, place: Locator) -> set[str]:
        texts = place.locator("label:has(:checked) > span:first-of-type").all_text_contents()
        return {text.strip() for text in texts}

    def _landed(self, place: Locator, label: str, was_chosen: bool) -> bool:
        """Whether what was tapped is chosen now, or no more, or went with its question."""
        deadline = time.monotonic() + _LANDING_MS / 1_000
        while place.count() and (label in self._chosen(place)) == was_chosen:
            if time.monotonic() > deadline:
                return False
            self.page.wait_for_timeout(20)
        return True

    def _tap(self, place: Locator, label: str) -> None:
        search = place.get_by_role("searchbox")
        if search.count() > 0:
            search.fill(label)
        line = place.locator("li button").filter(has_text=re.compile(rf"^\s*{re.escape(label)}\s*$"))
        place.locator("label").filter(has=self.page.get_by_text(label, exact=True)).or_(line).first.click()

    def _place(self, card: Locator, kind: str, code: str) -> None:
        card.get_by_role("button").first.click()
        names = {"district": self.places.districts, "region": self.places.regions}.get(kind)
        dialog = self.page.get_by_role("dialog")
        self.page.get_by_role("searchbox").fill(names[code] if names else code)
        wanted = names[code] if names else self.words["station_short"].replace("{number}", code)
        pattern = re.compile(rf"^{re.escape(wanted)}(?!\d)")
        dialog.get_by_role("button").filter(has_text=pattern).first.click()
        expect(dialog).to_be_hidden()
