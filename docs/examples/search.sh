#!/bin/sh
# Who said "human rights"? The newest first, of the African Group's members only.
set -eu
LOG=${FLOORLOG_URL:-http://127.0.0.1:8000}
curl -fsS --compressed --get "$LOG/v1/search" \
  --data-urlencode "q=human rights" --data-urlencode "group=AFRICAN_GROUP" --data-urlencode "limit=3"
