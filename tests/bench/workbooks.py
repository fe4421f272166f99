"""What reading a workbook costs whose formats reach the last row and column: seconds and memory, each beside its must.

`python -m tests.bench.workbooks`; `make bench` prints it too. That nothing of what is empty is looked at, a test holds
(`tests/kit/test_slim_workbook.py`, `tests/kit/test_xls_workbook.py`).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.kit.test_slim_workbook import EMPTY_COLUMNS, EMPTY_ROWS, ROWS_OF_EMPTY_CELLS, formatted
from tests.kit.test_xls_workbook import FORM
from tests.xls_files import xls

SECONDS: Final = 5
MEGABYTES: Final = 150
_LAST_ROW_OF_XLS: Final = 65_536

_COMPILE: Final = """
import resource, sys, re
from pathlib import Path
from steppe.checklists.xlsform.form_files import read_form
read_form(Path(sys.argv[1]), stands_in=True)
used = resource.getrusage(resource.RUSAGE_SELF)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(used.ru_utime + used.ru_stime, int(peak[1]) // 1024)
"""
"""Compiles a form and tells seconds of a processor and the peak of its memory in MB; `ru_maxrss` has its parent's."""


def workbooks() -> dict[str, bytes]:
    """Return the measured workbooks by the names of their files."""
    return {
        "rows to 1,048,576.xlsx": formatted(EMPTY_ROWS),
        "cells in 400,000 rows.xlsx": formatted(ROWS_OF_EMPTY_CELLS),
        "columns to XFD.xlsx": formatted(b"", EMPTY_COLUMNS),
        "rows to 65,536.xls": xls(FORM, formatted_to=_LAST_ROW_OF_XLS),
    }


def lines() -> Iterator[str]:
    """Yield a line per workbook, each compiled in a process of its own."""
    yield f"{'reading a workbook':28}{'cpu s':>8}{'MB':>8}   must: {SECONDS} s, {MEGABYTES} MB"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in workbooks().items():
            path = Path(folder) / name
            path.write_bytes(content)
            done = subprocess.run(
                [sys.executable, "-c", _COMPILE, str(path)], capture_output=True, text=True, check=True
            )
            seconds, megabytes = (float(figure) for figure in done.stdout.split())
            verdict = "ok" if seconds <= SECONDS and megabytes <= MEGABYTES else "TOO MUCH"
            yield f"{name:28}{seconds:8.1f}{megabytes:8.0f}   {verdict}"


if __name__ == "__main__":
    for each in lines():
        sys.stdout.write(f"{each}\n")
