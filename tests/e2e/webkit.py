"""WebKit as an iPhone: the engine of Safari on a virtual display, with website data that survives restarts."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

HOST = Path(__file__).with_name("webkit_host.py")
HINT = "`make test-tools` installs it"
PATIENCE_SECONDS, CLOSING_SECONDS = 10, 40


def _find(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise RuntimeError(f"{program} is missing: {HINT}.")
    return found


def _holders(folder: Path) -> set[int]:
    """Return the other processes that have a file below a folder open (Linux, as WebKitGTK is)."""
    others = [path for path in Path("/proc").iterdir() if path.name.isdigit() and int(path.name) != os.getpid()]
    return {int(one.name) for one in others if any(file.is_relative_to(folder) for file in _open_files(one))}


def _open_files(process: Path) -> Iterator[Path]:
    # Processes and descriptors come and go while one looks, and some are another person's.
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        with suppress(OSError):
            yield descriptor.readlink()


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
        """End the browser; returns once its data lies still. Raises TimeoutError when it never does."""
        if not self._driver:
            return
        self._driver.quit()
        self._driver = None
        # The process that keeps website data outlives the window and still tidies up its databases.
        begun = time.monotonic()
        while holders := _holders(self.profile):
            waited = time.monotonic() - begun
            if waited > CLOSING_SECONDS:
                msg = f"processes {holders} still hold {self.profile}"
                raise TimeoutError(msg)
            if waited > PATIENCE_SECONDS:
                # A phone's system would end it by now, and what is strictly durable has to bear that.
                for process in holders:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
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
