#!/bin/sh
# What changed since the last time? The cursor is kept in a file; run it from cron.
set -eu
LOG=${FLOORLOG_URL:-http://127.0.0.1:8000}
AFTER=$(cat cursor 2>/dev/null || true)
curl -fsS --compressed "$LOG/v1/changes?limit=1000${AFTER:+&after=$AFTER}" -o changes.json
grep -o '"type":"[a-z]*\.[a-z]*","subject":"[^"]*"' changes.json || echo "nothing new"
sed 's/.*"next":"\([0-9]*\)".*/\1/' changes.json > cursor
