"""WebKit as an iPhone: the engine of Safari on a virtual display, with website data that survives restarts."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

HOST = Path(__file__).with_name("webkit_host.py")
HINT = "`make test-tools` installs it"
CLOSING_SECONDS = 30


def _find(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise RuntimeError(f"{program} is missing: {HINT}.")
    return found


def _is_in_use(folder: Path) -> bool:
    """Say whether any process has a file below a folder open (Linux, as WebKitGTK is)."""
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if descriptor.readlink().is_relative_to(folder):
                return True
        except OSError:
            # Closed meanwhile, or another person's.
            continue
    return False


class Display:
    """A virtual screen for browsers that have no headless mode."""

    def __init__(self) -> None:
        """Start Xvfb on a free display number. Raises RuntimeError when it is missing or ends."""
        read, write = os.pipe()
        self._process = subprocess.Popen(
            [_find("Xvfb"), "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError("Xvfb ended without giving a display")
        self.name = f":{number}"

    def close(self) -> None:
        """Switch the screen off."""
        self._process.terminate()
        self._process.wait()


class WebKitPhone:
    """A driven WebKit window of phone size. What it keeps on disk stays between `close` and `start`."""

    def __init__(self, display: Display, profile: Path) -> None:
        """Describe the phone; `start` switches it on."""
        self.display = display
        self.profile = profile
        self._driver: webdriver.WebKitGTK | None = None

    def start(self) -> None:
        """Start driver and browser as new processes on the phone's profile."""
        options = Options()
        options.binary_location = str(HOST)
        options.add_argument(str(self.profile))
        # The browser inherits its display and language from the driver.
        environment = os.environ | {"DISPLAY": self.display.name, "LANGUAGE": "en_GB", "GDK_BACKEND": "x11"}
        service = Service(
            executable_path=_find("WebKitWebDriver"), log_output=str(self.profile) + ".log", env=environment
        )
        self._driver = webdriver.WebKitGTK(options=options, service=service)

    def close(self) -> None:
        """End the browser; returns once its data lies still. Raises TimeoutError when it does not."""
        if not self._driver:
            return
        self._driver.quit()
        self._driver = None
        # The process that keeps website data outlives the window and still tidies up its databases.
        deadline = time.monotonic() + CLOSING_SECONDS
        while _is_in_use(self.profile):
            if time.monotonic() > deadline:
                msg = f"something still holds {self.profile}"
                raise TimeoutError(msg)
            time.sleep(0.05)

    def restart(self) -> None:
        """End the browser process and start it again."""
        self.close()
        self.start()

    @property
    def driver(self) -> webdriver.WebKitGTK:
        """The running browser. Raises RuntimeError while the phone is off."""
        if self._driver is None:
            raise RuntimeError("the phone is off: call start() first")
        return self._driver
