-- Minutes of the floor by delegation, from the Parquet file of a meeting. Chairing and interpreting count apart.
SELECT entity_name, count(*) AS interventions, round(sum(floor_ms) / 60000, 1) AS minutes
FROM 'meeting.parquet'
WHERE kind NOT IN ('chair', 'procedural') AND NOT interpretation
GROUP BY entity_name
ORDER BY minutes DESC, entity_name;
