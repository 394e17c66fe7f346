-- The table that queue_summary.yaml writes; it may be run again.
--
--   mysql genesys < config/queue_summary_mysql/schema.sql

CREATE TABLE IF NOT EXISTS queue_summary (
  queue_id           VARCHAR(64) NOT NULL,
  queue_name         VARCHAR(255),
  interval_start     DATETIME(3) NOT NULL, -- in UTC
  interval_end       DATETIME(3) NOT NULL,
  metric             VARCHAR(64) NOT NULL,
  qualifier          VARCHAR(64) NOT NULL, -- empty where there is none
  count              BIGINT,
  sum                DECIMAL(38, 18),
  min                DECIMAL(38, 18),
  max                DECIMAL(38, 18),
  extra              LONGTEXT,
  genesys_key        VARCHAR(255) NOT NULL,
  genesys_revision   BIGINT NOT NULL,
  genesys_fetched_at DATETIME(6) NOT NULL,
  PRIMARY KEY (interval_start, queue_id, metric, qualifier)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
