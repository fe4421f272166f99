#!/usr/bin/env bash
# Writes requirements/*.txt and pwa/package-lock.json anew: exact versions with hashes, and no download addresses,
# so that the locks serve any mirror. Called by `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@"
}

compile pyproject.toml --output-file requirements/run.txt
compile pyproject.toml --extra dev --constraints requirements/run.txt --output-file requirements/dev.txt
# Pinned by hand: the tool that installs, and the Node and PostgreSQL used where a machine has none.
for name in uv node postgres; do
  compile "requirements/$name.in" --output-file "requirements/$name.txt"
done
PATH="$PWD/.venv/bin:$PATH" npm install --prefix pwa --package-lock-only --no-progress --loglevel=error
