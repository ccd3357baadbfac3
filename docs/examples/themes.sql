-- Which delegation touched which theme, with the passage, from the JSON Lines of a meeting.
SELECT speaker.entity.name AS delegation, tag.theme, tag.quote
FROM (SELECT speaker, unnest(themes) AS tag FROM read_json('meeting.jsonl'))
ORDER BY delegation, tag.theme;
