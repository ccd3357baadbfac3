#!/bin/sh
# Ask again without paying for what you have: the second answer is 304, and empty.
set -eu
LOG=${FLOORLOG_URL:-http://127.0.0.1:8000}
for again in 1 2; do
  curl -sS --etag-save seen.etag --etag-compare seen.etag -o page.json -w '%{http_code}\n' "$LOG/v1/interventions?limit=20"
done
