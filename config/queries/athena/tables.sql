-- What the pipelines of config/ have written, for Athena: an external table for each, and a view of
-- the names. Replace s3://my-analytics/genesys/ by the bucket and its S3_PREFIX, and run one statement
-- after the other.
--
-- Partitions are projected: a day is found by its path, and nothing has to be added when there is a new
-- one. Times are in UTC; `AT TIME ZONE` tells a day, as daily_service_level.sql does. Of what was read
-- twice, a page of a job that was lost for instance, both are there: the latest are the rows whose
-- genesys_fetched_at is the greatest of their thing's, as in daily_service_level.sql and agent_time.sql.

CREATE EXTERNAL TABLE queue_performance (
  `calculated_metric_value` decimal(38,18),
  `count` bigint,
  `count_negative` bigint,
  `count_positive` bigint,
  `current` decimal(38,18),
  `denominator` decimal(38,18),
  `extra` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `interval_end` timestamp,
  `interval_start` timestamp,
  `max` decimal(38,18),
  `media_type` string,
  `metric` string,
  `min` decimal(38,18),
  `numerator` decimal(38,18),
  `p95` bigint,
  `p99` bigint,
  `qualifier` string,
  `queue_id` string,
  `ratio` decimal(38,18),
  `sum` decimal(38,18),
  `target` decimal(38,18)
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/queue_performance/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/queue_performance/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE agent_status (
  `extra` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `interval_end` timestamp,
  `interval_start` timestamp,
  `metric` string,
  `organization_presence_id` string,
  `seconds` decimal(38,18),
  `status` string,
  `user_id` string
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/agent_status/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/agent_status/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE conversations (
  `access_attributes` string,
  `associated_conversation_id` string,
  `conference_start` timestamp,
  `consultation_conversation_ids` string,
  `conversation_end` timestamp,
  `conversation_id` string,
  `conversation_initiator` string,
  `conversation_start` timestamp,
  `customer_participation` boolean,
  `division_ids` string,
  `evaluations` string,
  `external_tag` string,
  `extra` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `inactivity_timeout` timestamp,
  `knowledge_base_ids` string,
  `media_stats_min_conversation_mos` double,
  `media_stats_min_conversation_rfactor` double,
  `originating_direction` string,
  `originating_social_media_public` boolean,
  `resolutions` string,
  `self_served` boolean,
  `surveys` string
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/conversations/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/conversations/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE participants (
  `conversation_id` string,
  `conversation_start` timestamp,
  `external_contact_id` string,
  `external_organization_id` string,
  `extra` string,
  `flagged_reason` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `participant_id` string,
  `participant_name` string,
  `purpose` string,
  `screen_recording` boolean,
  `team_id` string,
  `user_id` string
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/participants/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/participants/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE sessions (
  `active_skill_ids` string,
  `acw_skipped` boolean,
  `address_from` string,
  `address_other` string,
  `address_self` string,
  `address_to` string,
  `agent_assistant_id` string,
  `agent_bullseye_ring` bigint,
  `agent_groups` string,
  `agent_owned` boolean,
  `ani` string,
  `assigner_id` string,
  `authenticated` boolean,
  `barged_participant_id` string,
  `bcc` string,
  `callback_numbers` string,
  `callback_scheduled_time` timestamp,
  `callback_user_name` string,
  `cc` string,
  `cleared` boolean,
  `coached_participant_id` string,
  `cobrowse_role` string,
  `cobrowse_room_id` string,
  `conversation_id` string,
  `conversation_start` timestamp,
  `delivery_pushed` boolean,
  `delivery_status` string,
  `delivery_status_change_date` timestamp,
  `destination_addresses` string,
  `detected_speech_end` timestamp,
  `detected_speech_start` timestamp,
  `direction` string,
  `disposition_analyzer` string,
  `disposition_name` string,
  `dnis` string,
  `edge_id` string,
  `eligible_agent_counts` string,
  `engagement_source` string,
  `error_code_description` string,
  `extended_delivery_status` string,
  `extra` string,
  `flow` string,
  `flow_in_type` string,
  `flow_out_type` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `journey_action_id` string,
  `journey_action_map_id` string,
  `journey_action_map_version` bigint,
  `journey_customer_id` string,
  `journey_customer_id_type` string,
  `journey_customer_session_id` string,
  `journey_customer_session_id_type` string,
  `media_bridge_id` string,
  `media_count` bigint,
  `media_endpoint_stats` string,
  `media_type` string,
  `message_type` string,
  `monitored_participant_id` string,
  `outbound_campaign_id` string,
  `outbound_contact_id` string,
  `outbound_contact_list_id` string,
  `participant_id` string,
  `peer_id` string,
  `proposed_agents` string,
  `protocol_call_id` string,
  `provider` string,
  `recording` boolean,
  `remote` string,
  `remote_name_displayable` string,
  `removed_skill_ids` string,
  `requested_routings` string,
  `room_id` string,
  `routing_ring` bigint,
  `routing_rule` string,
  `routing_rule_type` string,
  `screen_monitored_user_id` string,
  `screen_share_address_self` string,
  `screen_share_room_id` string,
  `script_id` string,
  `selected_agent_id` string,
  `selected_agent_rank` bigint,
  `session_dnis` string,
  `session_id` string,
  `sharing_screen` boolean,
  `skill_expression_id` string,
  `skip_enabled` boolean,
  `snippet_recording` boolean,
  `timeout_seconds` bigint,
  `used_routing` string,
  `video_address_self` string,
  `video_room_id` string,
  `waiting_interaction_counts` string
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/sessions/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/sessions/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE segments (
  `audio_muted` boolean,
  `conference` boolean,
  `conversation_id` string,
  `conversation_start` timestamp,
  `destination_conversation_id` string,
  `destination_session_id` string,
  `disconnect_type` string,
  `error_code` string,
  `extra` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `group_id` string,
  `participant_id` string,
  `properties` string,
  `q850_response_codes` string,
  `queue_id` string,
  `requested_language_id` string,
  `requested_routing_skill_ids` string,
  `requested_routing_user_ids` string,
  `scored_agents` string,
  `segment_end` timestamp,
  `segment_number` bigint,
  `segment_start` timestamp,
  `segment_type` string,
  `session_id` string,
  `sip_response_codes` string,
  `source_conversation_id` string,
  `source_session_id` string,
  `subject` string,
  `video_muted` boolean,
  `wrap_up_code` string,
  `wrap_up_note` string,
  `wrap_up_tags` string
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/segments/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/segments/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE participant_attributes (
  `attribute_name` string,
  `attribute_value` string,
  `conversation_id` string,
  `conversation_start` timestamp,
  `extra` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `participant_id` string
)
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/participant_attributes/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/participant_attributes/year=${year}/month=${month}/day=${day}/'
);

CREATE EXTERNAL TABLE entities (
  `acd_auto_answer` boolean,
  `created_by` string,
  `date_created` timestamp,
  `date_last_login` timestamp,
  `date_modified` timestamp,
  `date_welcome_sent` timestamp,
  `deactivated` boolean,
  `department` string,
  `description` string,
  `division_id` string,
  `division_name` string,
  `email` string,
  `extra` string,
  `genesys_fetched_at` timestamp,
  `genesys_key` string,
  `genesys_revision` bigint,
  `home_division` boolean,
  `id` string,
  `joined_member_count` bigint,
  `language_labels` string,
  `language_preference` string,
  `manager_id` string,
  `member_count` bigint,
  `modified_by` string,
  `name` string,
  `preferred_name` string,
  `self_uri` string,
  `state` string,
  `system_presence` string,
  `team_id` string,
  `title` string,
  `type` string,
  `user_member_count` bigint,
  `username` string,
  `visibility` string
)
PARTITIONED BY (`kind` string, `year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://my-analytics/genesys/entities/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.kind.type' = 'enum',
  'projection.kind.values' = 'users,routing-queues,routing-wrapupcodes,routing-skills,routing-languages,presence-definitions,authorization-divisions,teams,groups',
  'projection.year.type' = 'integer', 'projection.year.range' = '2020,2040', 'projection.year.digits' = '4',
  'projection.month.type' = 'integer', 'projection.month.range' = '1,12', 'projection.month.digits' = '2',
  'projection.day.type' = 'integer', 'projection.day.range' = '1,31', 'projection.day.digits' = '2',
  'storage.location.template' = 's3://my-analytics/genesys/entities/kind=${kind}/year=${year}/month=${month}/day=${day}/'
);

-- The latest name of each thing.
CREATE OR REPLACE VIEW names AS
SELECT kind, id, max_by(name, genesys_fetched_at) AS name FROM entities GROUP BY kind, id;
