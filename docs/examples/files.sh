#!/bin/sh
# A meeting as files: a table for analysis, a line a record for programs, subtitles for the video.
set -eu
LOG=${FLOORLOG_URL:-http://127.0.0.1:8000}
MEETING=${MEETING:-synthetic-briefing}
for form in parquet jsonl csv vtt; do
  curl -fsS -o "meeting.$form" "$LOG/v1/meetings/$MEETING/export.$form"
done
ls -l meeting.*
