-- How long each agent was in each status on each day, by name. An interval belongs to the day on which
-- it starts.

WITH days AS (
  SELECT
    strftime(timezone(getvariable('zone'), interval_start), '%Y-%m-%d') AS date,
    user_id, metric, status, sum(seconds) AS seconds
  FROM agent_status()
  GROUP BY ALL
)
SELECT date, user_id, coalesce(name, user_id) AS agent, metric, status, seconds
FROM days
LEFT JOIN entities('users') AS users ON users.id = user_id
ORDER BY date, agent, metric, status;
