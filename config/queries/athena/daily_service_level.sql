-- The service level of each queue and day in Seoul, by name: of the interactions that count, the share
-- that was answered in time, made of the sums. Athena keeps times in UTC; `AT TIME ZONE` gives the day.

WITH latest AS (
  SELECT *, max(genesys_fetched_at) OVER (PARTITION BY queue_id, media_type, interval_start) AS last_fetched_at
  FROM queue_performance
  WHERE year = 2026 AND month = 11
), days AS (
  SELECT
    date_format(with_timezone(interval_start, 'UTC') AT TIME ZONE 'Asia/Seoul', '%Y-%m-%d') AS date,
    queue_id,
    sum(count) FILTER (WHERE metric = 'nOffered') AS offered,
    sum(numerator) FILTER (WHERE metric = 'oServiceLevel') AS in_time,
    sum(denominator) FILTER (WHERE metric = 'oServiceLevel') AS counted
  FROM latest
  WHERE genesys_fetched_at = last_fetched_at
  GROUP BY 1, 2
)
SELECT date, queue_id, coalesce(name, queue_id) AS queue, offered, in_time, counted,
  CAST(in_time AS double) / nullif(CAST(counted AS double), 0) AS service_level
FROM days
LEFT JOIN names ON kind = 'routing-queues' AND id = queue_id
ORDER BY date, queue;
