"""The files of this repository, as git knows them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tracked(*patterns: str) -> list[Path]:
    """Paths relative to the root that match git's patterns, those present on disk only."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for name in listing.stdout.split("\0") if name and (ROOT / (path := Path(name))).is_file()]


def own_code() -> list[Path]:
    """Python, TypeScript, JavaScript, Svelte and shell that a person wrote."""
    return [
        path
        for path in tracked("*.py", "*.ts", "*.js", "*.svelte", "*.sh", "*.css", ".ci/run")
        if not path.name.endswith(".generated.ts")
    ]
