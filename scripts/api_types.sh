#!/usr/bin/env bash
# TypeScript types of the API, from the OpenAPI description that the server gives itself: `api_types.sh write|check`.
set -euo pipefail
cd "$(dirname "$0")/.."
types=pwa/src/wire/api.generated.ts

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -c '
import json, pathlib, sys
from steppe.kit.settings import Settings
from steppe.main import create_app
settings = Settings(data=pathlib.Path(sys.argv[1]), pwa_dist=pathlib.Path(sys.argv[1]))
print(json.dumps(create_app(settings).openapi(), sort_keys=True))' "$folder" >"$folder/openapi.json"
pwa/node_modules/.bin/openapi-typescript "$folder/openapi.json" --output "$folder/api.ts" --alphabetize >/dev/null

case "${1:-}" in
  write) cp "$folder/api.ts" "$types" ;;
  check)
    if ! diff -u "$types" "$folder/api.ts"; then
      echo "The API has changed: run \`make api-types\` and look at what the PWA makes of it." >&2
      exit 1
    fi
    ;;
  *)
    echo "usage: scripts/api_types.sh write|check" >&2
    exit 2
    ;;
esac
