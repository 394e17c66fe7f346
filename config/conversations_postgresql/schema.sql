-- The tables of conversations.yaml and ../names/names_to_postgresql.yaml. PostgreSQL 15 or newer; run it once, and again
-- after an update: it makes what is not there.
--
--   psql "$POSTGRES_DSN" -f config/conversations_postgresql/schema.sql
--
-- Columns are those of genesys_rows (config/REFERENCE.md) and three of the page's. What is a JSON text
-- there is text here, digit for digit: extra::jsonb ->> 'member', division_ids::jsonb ? 'an id'.
-- Times are instants: SELECT conversation_start AT TIME ZONE 'Asia/Seoul' shows Seoul's clock.
--
-- The rows of a conversation come and go with it: all of the page that was read last, none of an
-- earlier one. Keys take a missing id for a value, so that no row is refused for one.

-- One row for each conversation.
CREATE TABLE IF NOT EXISTS conversations (
  conversation_id text PRIMARY KEY,
  conversation_start timestamptz,
  conversation_end timestamptz,
  conversation_initiator text,
  originating_direction text,
  customer_participation boolean,
  self_served boolean,
  external_tag text,
  conference_start timestamptz,
  inactivity_timeout timestamptz,
  associated_conversation_id text,
  originating_social_media_public boolean,
  media_stats_min_conversation_mos double precision,
  media_stats_min_conversation_rfactor double precision,
  division_ids text,
  knowledge_base_ids text,
  access_attributes text,
  consultation_conversation_ids text,
  evaluations text,
  surveys text,
  resolutions text,
  extra text,
  genesys_key text NOT NULL,
  genesys_revision bigint NOT NULL,
  genesys_fetched_at timestamptz NOT NULL
);

-- One row for each participant of a conversation.
CREATE TABLE IF NOT EXISTS participants (
  conversation_id text NOT NULL REFERENCES conversations ON DELETE CASCADE,
  conversation_start timestamptz,
  participant_id text,
  participant_name text,
  purpose text,
  user_id text,
  team_id text,
  external_contact_id text,
  external_organization_id text,
  flagged_reason text,
  screen_recording boolean,
  extra text,
  genesys_key text NOT NULL,
  genesys_revision bigint NOT NULL,
  genesys_fetched_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (conversation_id, participant_id)
);

-- One row for each session of a participant.
CREATE TABLE IF NOT EXISTS sessions (
  conversation_id text NOT NULL REFERENCES conversations ON DELETE CASCADE,
  conversation_start timestamptz,
  participant_id text,
  session_id text,
  media_type text,
  direction text,
  ani text,
  dnis text,
  session_dnis text,
  address_from text,
  address_to text,
  address_self text,
  address_other text,
  provider text,
  message_type text,
  remote text,
  remote_name_displayable text,
  edge_id text,
  peer_id text,
  protocol_call_id text,
  room_id text,
  video_room_id text,
  video_address_self text,
  screen_share_room_id text,
  screen_share_address_self text,
  sharing_screen boolean,
  recording boolean,
  snippet_recording boolean,
  media_count bigint,
  media_bridge_id text,
  used_routing text,
  routing_rule text,
  routing_rule_type text,
  routing_ring bigint,
  agent_bullseye_ring bigint,
  agent_owned boolean,
  agent_assistant_id text,
  assigner_id text,
  selected_agent_id text,
  selected_agent_rank bigint,
  skill_expression_id text,
  acw_skipped boolean,
  skip_enabled boolean,
  timeout_seconds bigint,
  authenticated boolean,
  cleared boolean,
  barged_participant_id text,
  coached_participant_id text,
  monitored_participant_id text,
  screen_monitored_user_id text,
  cobrowse_role text,
  cobrowse_room_id text,
  callback_scheduled_time timestamptz,
  callback_user_name text,
  delivery_status text,
  delivery_status_change_date timestamptz,
  delivery_pushed boolean,
  extended_delivery_status text,
  error_code_description text,
  engagement_source text,
  detected_speech_start timestamptz,
  detected_speech_end timestamptz,
  disposition_analyzer text,
  disposition_name text,
  flow_in_type text,
  flow_out_type text,
  script_id text,
  outbound_campaign_id text,
  outbound_contact_id text,
  outbound_contact_list_id text,
  journey_action_id text,
  journey_action_map_id text,
  journey_action_map_version bigint,
  journey_customer_id text,
  journey_customer_id_type text,
  journey_customer_session_id text,
  journey_customer_session_id_type text,
  active_skill_ids text,
  removed_skill_ids text,
  requested_routings text,
  bcc text,
  cc text,
  callback_numbers text,
  destination_addresses text,
  eligible_agent_counts text,
  waiting_interaction_counts text,
  agent_groups text,
  proposed_agents text,
  media_endpoint_stats text,
  flow text,
  extra text,
  genesys_key text NOT NULL,
  genesys_revision bigint NOT NULL,
  genesys_fetched_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (conversation_id, participant_id, session_id)
);

-- One row for each segment of a session.
CREATE TABLE IF NOT EXISTS segments (
  conversation_id text NOT NULL REFERENCES conversations ON DELETE CASCADE,
  conversation_start timestamptz,
  participant_id text,
  session_id text,
  segment_number bigint,
  segment_type text,
  segment_start timestamptz,
  segment_end timestamptz,
  queue_id text,
  wrap_up_code text,
  wrap_up_note text,
  disconnect_type text,
  error_code text,
  conference boolean,
  audio_muted boolean,
  video_muted boolean,
  subject text,
  group_id text,
  requested_language_id text,
  source_conversation_id text,
  source_session_id text,
  destination_conversation_id text,
  destination_session_id text,
  requested_routing_skill_ids text,
  requested_routing_user_ids text,
  q850_response_codes text,
  sip_response_codes text,
  wrap_up_tags text,
  scored_agents text,
  properties text,
  extra text,
  genesys_key text NOT NULL,
  genesys_revision bigint NOT NULL,
  genesys_fetched_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (conversation_id, participant_id, session_id, segment_number)
);

-- One row for each attribute of a participant.
CREATE TABLE IF NOT EXISTS participant_attributes (
  conversation_id text NOT NULL REFERENCES conversations ON DELETE CASCADE,
  conversation_start timestamptz,
  participant_id text,
  attribute_name text,
  attribute_value text,
  extra text,
  genesys_key text NOT NULL,
  genesys_revision bigint NOT NULL,
  genesys_fetched_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (conversation_id, participant_id, attribute_name)
);

CREATE INDEX IF NOT EXISTS conversations_by_start ON conversations (conversation_start);

-- What the ids stand for: kind is users, queues or wrapupcodes.
CREATE TABLE IF NOT EXISTS entities (
  kind text,
  id text,
  name text,
  state text,
  division_id text,
  genesys_fetched_at timestamptz NOT NULL,
  PRIMARY KEY (kind, id)
);

-- Segments with the names of who was there, in which queue, and how it was wrapped up. A name that is
-- not known is null; who has left the organization still has one.
CREATE OR REPLACE VIEW segments_with_names AS
SELECT s.conversation_id, s.segment_number, s.segment_type, s.segment_start, s.segment_end,
  p.purpose, p.user_id, u.name AS user_name, s.queue_id, q.name AS queue_name,
  s.wrap_up_code, w.name AS wrap_up_name
FROM segments s
JOIN participants p ON p.conversation_id = s.conversation_id AND p.participant_id IS NOT DISTINCT FROM s.participant_id
LEFT JOIN entities u ON u.kind = 'users' AND u.id = p.user_id
LEFT JOIN entities q ON q.kind = 'queues' AND q.id = s.queue_id
LEFT JOIN entities w ON w.kind = 'wrapupcodes' AND w.id = s.wrap_up_code;
