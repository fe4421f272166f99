"""What a browser refused, or would refuse, because of the pages' own security policy: nothing, in any test."""

from playwright.sync_api import BrowserContext, ConsoleMessage

SAID = ("Content Security Policy", "TrustedHTML", "TrustedScript")


class PolicyWatch:
    """Listens to the consoles of every page and frame of the contexts it is shown."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self.refusals: list[str] = []

    def listen(self, context: BrowserContext) -> None:
        """Listen from now on; a phone that is switched on again has a new context."""
        context.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if any(word in message.text for word in SAID):
            self.refusals.append(f"{message.location.get('url', '')}: {message.text}")

    def check(self) -> None:
        """Raise AssertionError with what was refused."""
        assert not self.refusals, "\n".join(sorted(set(self.refusals)))
