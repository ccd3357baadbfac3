#!/bin/sh
# One intervention under its permanent address: the page, the text, the captions, the record.
set -eu
LOG=${FLOORLOG_URL:-http://127.0.0.1:8000}
ID=$(curl -fsS "$LOG/v1/interventions?entity=NOR&limit=1" | sed 's/.*"id":"\(rec-[a-z2-7]*\)".*/\1/')
curl -fsS "$LOG/interventions/$ID.txt"
curl -fsS "$LOG/interventions/$ID.vtt"
curl -fsS -H "Accept: application/json" "$LOG/interventions/$ID"
