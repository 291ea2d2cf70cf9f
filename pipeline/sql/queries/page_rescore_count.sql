-- What a re-score by that version would be about, from the gathered calls: as `select_dialogues`, counted.
SELECT
    count(*) AS call_count,
    count(*) FILTER (is_spoken) AS spoken_count,
    count(*) FILTER (list_contains(versions, $judged_by)) AS judged_count
FROM rescore_calls
WHERE ($since IS NULL OR started_at >= $since)
    AND ($manager IS NULL OR manager = $manager)
    AND ($call_type IS NULL OR call_type = $call_type)
