-- Lets lanes' oldest held runs out, of each as many as it says. Index: runs_held, then primary key. Lock: the runs.
WITH oldest AS MATERIALIZED (
	SELECT r.seq
	FROM unnest($1::text[], $2::bigint[]) AS lane (automation, share)
		CROSS JOIN LATERAL (
			SELECT seq FROM tenterhook.runs r WHERE r.held = 1 AND r.automation = lane.automation ORDER BY r.seq LIMIT lane.share
		) r
)
UPDATE tenterhook.runs r SET held = 2 FROM oldest WHERE r.seq = oldest.seq AND r.held = 1
RETURNING r.automation, r.seq
