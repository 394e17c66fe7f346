-- What the pipelines of config/ have written, for DuckDB: a macro for each table, that reads all of
-- its days and of what was read twice the latest. Put it before a query:
--
--   cat config/queries/duckdb/tables.sql config/queries/duckdb/agent_time.sql |
--     duckdb -cmd "SET VARIABLE lake = 's3://my-analytics/genesys/'; SET VARIABLE zone = 'Asia/Seoul'"
--
-- `lake` is where the tables are, S3_PREFIX included, with the slash that it ends in: a folder, or a
-- bucket, which takes `INSTALL httpfs` and `CREATE SECRET (TYPE s3, PROVIDER credential_chain)` once.
-- `zone` is the time zone in which days are told: the pipelines' TIMEZONE. Times are stored in UTC.
-- Each macro takes the days to read, all unless told: `queue_performance('year=2026/month=11/*')`.

CREATE OR REPLACE MACRO files_of(path) AS TABLE
  SELECT * FROM read_parquet(getvariable('lake') || path || '/*.parquet', hive_partitioning = true, union_by_name = true);

-- All rows of a thing are of one page, so those that were fetched last are all that there is of it.
CREATE OR REPLACE MACRO queue_performance(days := '*/*/*') AS TABLE
  FROM files_of('queue_performance/' || days)
  QUALIFY genesys_fetched_at = max(genesys_fetched_at) OVER (PARTITION BY queue_id, media_type, interval_start);

CREATE OR REPLACE MACRO agent_status(days := '*/*/*') AS TABLE
  FROM files_of('agent_status/' || days)
  QUALIFY genesys_fetched_at = max(genesys_fetched_at) OVER (PARTITION BY user_id, interval_start);

-- Of the tables of conversations: conversations, participants, sessions, segments, participant_attributes.
CREATE OR REPLACE MACRO of_conversations(name, days := '*/*/*') AS TABLE
  FROM files_of(name || '/' || days)
  QUALIFY genesys_fetched_at = max(genesys_fetched_at) OVER (PARTITION BY conversation_id);

-- Of the listings: users, routing-queues, routing-wrapupcodes, presence-definitions, …
CREATE OR REPLACE MACRO entities(listing, days := '*/*/*') AS TABLE
  FROM files_of('entities/kind=' || listing || '/' || days)
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY genesys_fetched_at DESC) = 1;
