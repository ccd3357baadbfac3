#!/bin/sh
# What is there? Without a key, without a library: the meetings, and the latest statement of Norway.
set -eu
LOG=${FLOORLOG_URL:-http://127.0.0.1:8000}
curl -fsS --compressed "$LOG/v1/meetings?limit=5"
curl -fsS --compressed "$LOG/v1/interventions?entity=NOR&limit=1"
