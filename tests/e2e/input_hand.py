"""Fingers and keys on every kind of input of the field app."""

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e.field_app import PATIENCE_MS, FieldApp


class InputHand(FieldApp):
    """One open page of the field app, at a section whose questions it answers."""

    def press(self, question: str, button: str) -> None:
        """Press a button of a question by the first words of its name."""
        self.card(question).get_by_role("button", name=re.compile(f"^{button}")).click()

    def keys(self, question: str, role: str, *keys: str) -> Locator:
        """Put the focus on a question's control and press keys; returns the control."""
        control = self.card(question).get_by_role(role).first  # type: ignore[arg-type]  # any role
        control.focus()
        for key in keys:
            self.page.keyboard.press(key)
        return control

    def search(self, question: str, query: str, *results: str) -> None:
        """Open a searched list, type, take results."""
        self.press(question, "Choose")
        for result in results:
            self.page.get_by_role("searchbox").fill(query or result)
            line = self.page.get_by_role("dialog").locator(".line", has_text=re.compile(f"^\\s*{result}\\s*$"))
            line.first.click()
        done = self.page.get_by_role("dialog").get_by_role("button", name="Done")
        if done.count():
            done.click()

    def drag_up(self, question: str, line: int, places: int) -> None:
        """Take a line of a ranking (from 0) by its handle and drag it up some places."""
        lines = self.card(question).locator("li")
        lines.nth(line).scroll_into_view_if_needed()
        grip, goal = lines.nth(line).locator(".grip").bounding_box(), lines.nth(line - places).bounding_box()
        assert grip
        assert goal
        x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x, (y + goal["y"]) / 2, steps=4)
        self.page.mouse.move(x, goal["y"] + 2, steps=4)
        self.page.mouse.up()

    def draw(self, question: str, button: str) -> None:
        """Open the drawing surface, draw two lines, take one back, keep the drawing."""
        self.press(question, button)
        surface = self.page.get_by_role("dialog").locator("canvas")
        expect(surface).to_be_visible()
        surface.scroll_into_view_if_needed()
        for top in (0.3, 0.6):
            # An animation or a picture that is still being decoded moves the surface under the pen: hovering waits.
            box = surface.bounding_box()
            assert box
            surface.hover(position={"x": box["width"] * 0.2, "y": box["height"] * top})
            box = surface.bounding_box()
            assert box
            self.page.mouse.down()
            self.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * top, steps=8)
            self.page.mouse.up()
        self.page.get_by_role("button", name="Undo").click()
        self.page.get_by_role("button", name="Keep").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0, timeout=PATIENCE_MS)
        expect(self.card(question).get_by_role("img")).to_be_visible(timeout=PATIENCE_MS)

    def record(self, question: str, button: str) -> None:
        """Record for more than a second, with a pause in it."""
        self.press(question, button)
        expect(self.card(question).get_by_text(re.compile("^Recording, 0:0[1-9]"))).to_be_visible(timeout=PATIENCE_MS)
        self.press(question, "Pause")
        expect(self.card(question).get_by_text(re.compile("^Paused at"))).to_be_visible()
        self.press(question, "Continue")
        self.press(question, "Stop")
        expect(self.card(question).locator("audio, video")).to_be_visible(timeout=PATIENCE_MS)
        expect(self.card(question).get_by_text(re.compile(r"^0:0[1-9] · \d+"))).to_be_visible()

    def attach(self, question: str, file: Path) -> None:
        """Choose a file as the phone's own dialogue would give it."""
        self.card(question).locator("input[type=file]").last.set_input_files(file)

    def type_place(self, question: str, coordinates: str) -> None:
        """Type coordinates into a question about places."""
        opening = self.card(question).get_by_role("button", name=re.compile("^Type coordinates"))
        if opening.count():
            opening.click()
        self.card(question).get_by_label("Latitude, longitude").fill(coordinates)
        self.page.keyboard.press("Enter")
