-- The service level of each queue and day, by name: of the interactions that count, the share that
-- was answered in time. It is made of the sums: a mean of the ratios of five minutes would weigh a
-- call at night as much as a hundred at noon.

WITH days AS (
  SELECT
    strftime(timezone(getvariable('zone'), interval_start), '%Y-%m-%d') AS date,
    queue_id,
    sum(count) FILTER (metric = 'nOffered') AS offered,
    sum(numerator) FILTER (metric = 'oServiceLevel') AS in_time,
    sum(denominator) FILTER (metric = 'oServiceLevel') AS counted
  FROM queue_performance()
  GROUP BY ALL
)
SELECT date, queue_id, coalesce(name, queue_id) AS queue, offered, in_time, counted,
  in_time::DOUBLE / nullif(counted, 0)::DOUBLE AS service_level
FROM days
LEFT JOIN entities('routing-queues') AS queues ON queues.id = queue_id
ORDER BY date, queue;
