-- Words a minute of each statement: Parquet keeps every word with its time.
SELECT entity_name, language_spoken, round(len(words) * 60000 / floor_ms) AS words_a_minute
FROM 'meeting.parquet'
WHERE kind = 'statement' AND len(words) >= 20
ORDER BY words_a_minute DESC;
