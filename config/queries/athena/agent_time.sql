-- How long each agent was in each status on each day in Seoul, by name. An interval belongs to the day
-- on which it starts.

WITH latest AS (
  SELECT *, max(genesys_fetched_at) OVER (PARTITION BY user_id, interval_start) AS last_fetched_at
  FROM agent_status
  WHERE year = 2026 AND month = 11
), days AS (
  SELECT
    date_format(with_timezone(interval_start, 'UTC') AT TIME ZONE 'Asia/Seoul', '%Y-%m-%d') AS date,
    user_id, metric, status, sum(seconds) AS seconds
  FROM latest
  WHERE genesys_fetched_at = last_fetched_at
  GROUP BY 1, 2, 3, 4
)
SELECT date, user_id, coalesce(name, user_id) AS agent, metric, status, seconds
FROM days
LEFT JOIN names ON kind = 'users' AND id = user_id
ORDER BY date, agent, metric, status;
