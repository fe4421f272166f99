"""Chromium as a phone and as a laptop: found on the machine, started with a profile that survives restarts."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, ViewportSize

from tests.e2e.page_policy import PolicyWatch

SWITCHED_OFF = [
    # A desktop's address bar is two pages with two hundred scripts of their own, and a renderer stands by for the next
    # site: each start of the browser cost 2.0 s of processor before the app had its first turn, and 0.7 s without them.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    # Chromium takes the last list it is given, so what Playwright switches off is said again.
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
]
"""Features of Chromium that no test is about."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera and a microphone that are always there and always allowed.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--disable-features={','.join(SWITCHED_OFF)}",
]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
PHONE = ViewportSize(width=360, height=740)
LAPTOP = ViewportSize(width=1440, height=900)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 13; SM-A047F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)


def find_chromium() -> Path | None:
    """The browser to test with: CHROMIUM, else the machine's own; None leaves the choice to Playwright."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return MAC if MAC.exists() else None


class Phone:
    """An observer's Android phone. What it keeps on disk stays between `close` and `start`, as on a real one."""

    def __init__(
        self, playwright: Playwright, profile: Path, *, locale: str = "en-GB", flags: Sequence[str] = ()
    ) -> None:
        """Describe a phone; `start` switches it on. `flags` are given to the browser beside everybody's."""
        self._playwright = playwright
        self.profile = profile
        self.locale = locale
        self.flags = [*FLAGS, *flags]
        self._context: BrowserContext | None = None
        self.policy = PolicyWatch()

    def start(self) -> None:
        """Start the browser as a new process on the phone's profile."""
        self._context = self._playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=find_chromium(),
            args=self.flags,
            headless=True,
            viewport=PHONE,
            screen=PHONE,
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            user_agent=ANDROID,
            locale=self.locale,
            timezone_id="Asia/Almaty",
        )
        self.policy.listen(self._context)

    def close(self) -> None:
        """End the browser process."""
        if self._context:
            self._context.close()
            self._context = None

    def restart(self) -> None:
        """End the browser process and start it again."""
        self.close()
        self.start()

    @property
    def context(self) -> BrowserContext:
        """The running browser. Raises RuntimeError while the phone is off."""
        if self._context is None:
            raise RuntimeError("the phone is off: call start() first")
        return self._context

    @property
    def page(self) -> Page:
        """The first tab."""
        return self.context.pages[0]
