#!/usr/bin/env bash
# Brings everything the project needs into .venv/ and pwa/node_modules/: `scripts/setup.sh python|node`.
# Needs only Python 3.11+ and the package registries (or their local caches); called by `make setup`, stage by stage.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"
      return
    fi
  done
  echo "Steppe needs Python 3.11 or newer with its venv module (set PYTHON=/path/to/python3)." >&2
  return 1
}

# uv, checked by hash. Its wheel is kept, so that another checkout on this machine can do without a network.
install_uv() {
  local wheels="${XDG_CACHE_HOME:-$HOME/.cache}/steppe/wheels"
  local pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check)
  local install=("${pip[@]}" install --no-index --find-links "$wheels" --require-hashes -r requirements/uv.txt)
  mkdir -p "$wheels"
  "${install[@]}" 2>/dev/null && return
  "${pip[@]}" download --require-hashes --dest "$wheels" -r requirements/uv.txt
  "${install[@]}"
}

# The locked packages, by a hash-checked uv inside the environment: nothing is installed outside this folder.
python_packages() {
  if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    "$(find_python)" -m venv --clear .venv
  fi
  if ! .venv/bin/uv --version 2>/dev/null | grep -qF "uv $(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements/uv.txt)"; then
    install_uv
  fi
  # One list for `pip sync`, which removes whatever it does not name: uv itself, and Node where this machine has none.
  cat requirements/dev.txt requirements/uv.txt >.venv/locked.txt
  machine_has_node || cat requirements/node.txt >>.venv/locked.txt
  export VIRTUAL_ENV=.venv
  # From the cache when it holds everything, which also works without a network.
  local sync=(.venv/bin/uv pip sync --quiet --compile-bytecode --require-hashes .venv/locked.txt)
  "${sync[@]}" --offline 2>/dev/null || "${sync[@]}"
  .venv/bin/uv pip install --quiet --offline --no-deps --no-build-isolation --editable .
}

# npm and a Node that Vite runs on (20.19 or newer), outside .venv.
machine_has_node() {
  local path=${PATH//$PWD\/.venv\/bin:/}
  PATH=$path command -v npm >/dev/null && PATH=$path node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

node_packages() {
  PATH="$PWD/.venv/bin:$PATH" npm ci --prefix pwa --prefer-offline --no-progress --loglevel=error
}

case "${1:-}" in
  python) python_packages ;;
  node) node_packages ;;
  *)
    echo "usage: scripts/setup.sh python|node" >&2
    exit 2
    ;;
esac
