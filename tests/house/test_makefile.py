"""What the README promises of `make` is what it does."""

import subprocess

from tests.house.files import ROOT


def test_the_demo_keeps_its_data_where_one_says() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "demo", "DATA=/somewhere/else", "PORT=8765"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert told.splitlines()[-1] == 'exec steppe demo --port 8765 --data "/somewhere/else"'
