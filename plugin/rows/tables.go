// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import "slices"

// The members are those of the vendor's description, and so are their types: a number
// without a format is a decimal, one that is said to be a double is one, and a list or an
// object that has no rows of its own is a JSON text. The contract tests hold the tables to
// it, both ways.

// statistics are those of StatisticalSummary.
const statistics = `
stats.count integer
stats.countNegative integer
stats.countPositive integer
stats.sum decimal
stats.min decimal
stats.max decimal
stats.current decimal
stats.ratio decimal
stats.numerator decimal
stats.denominator decimal
stats.target decimal
stats.p95 integer
stats.p99 integer
stats.calculatedMetricValue decimal
`

// dimensions are those that most queries group by. There are some 240, each of one or two
// kinds of query; the others are in extra.
const dimensions = `
group.queueId text
group.userId text
group.mediaType text
group.messageType text
group.direction text
group.originatingDirection text
group.divisionId text
group.teamId text
group.purpose text
group.conversationId text
group.sessionId text
group.wrapUpCode text
group.disconnectType text
group.provider text
group.usedRouting text
group.requestedRouting text
group.requestedRoutingSkillId text
group.requestedLanguageId text
group.outboundCampaignId text
group.outboundContactListId text
group.externalContactId text
group.ani text
group.dnis text
group.flowId text
group.flowName text
group.flowType text
group.flowOutcomeId text
group.flowOutcomeValue text
group.botId text
group.knowledgeBaseId text
`

const containers = "ActionAggregateDataContainer AgentCopilotAggregateDataContainer BotAggregateDataContainer " +
	"ConversationAggregateDataContainer EvaluationAggregateDataContainer FlowAggregateDataContainer " +
	"FlowExecutionAggregateDataContainer JourneyAggregateDataContainer KnowledgeAggregateDataContainer " +
	"RateLimitAggregateDataContainer SummaryAggregateDataContainer SurveyAggregateDataContainer " +
	"TaskManagementAggregateDataContainer TranscriptAggregateDataContainer UserAggregateDataContainer"

var (
	metrics = Level{List: "metrics", Models: split("AggregateMetricData"), Fields: fields("metric text\nqualifier text\n" + statistics)}
	views   = Level{List: "views", Models: split("AggregateViewData"), Fields: fields("name text view\n" + statistics)}
	buckets = Level{List: "data", Models: split("StatisticalResponse"), Fields: fields("interval interval"), Below: []Level{metrics, views}}
	groups  = Level{List: "results", Models: split(containers), Fields: fields(dimensions), Below: []Level{buckets}}
)

// The listing of queues/summary, which no description has.
var queueSummaries = Level{
	List:   "entities",
	Fields: fields("id text queue_id\nname text queue_name\ninterval interval\ngranularity text\nselfUri text"),
	Below: []Level{
		{List: "metrics", Fields: fields("- =false bucket\nmetric text\nqualifier text\n" + statistics)},
		{List: "data", Fields: fields("- =true bucket\ninterval interval"), Below: []Level{metrics}},
	},
}

var (
	statusBuckets = Level{
		List: "data", Models: buckets.Models, Fields: fields("interval interval"), Elsewhere: split("views"),
		Below: []Level{{List: "metrics", Models: metrics.Models, Fields: fields("metric text\nqualifier text status\nstats.sum millis seconds")}},
	}
	userAggregates = Level{List: "results", Models: split("UserAggregateDataContainer"), Fields: fields("group.userId text"), Below: []Level{statusBuckets}}
	userDetails    = Level{
		List: "userDetails", Models: split("AnalyticsUserDetail"), Fields: fields("userId text"),
		Below: []Level{
			{List: "primaryPresence", Models: split("AnalyticsUserPresenceRecord"), Fields: fields(`
- =tSystemPresence metric
startTime time interval_start
endTime time interval_end
systemPresence text status
organizationPresenceId text
- elapsed seconds`)},
			{List: "routingStatus", Models: split("AnalyticsRoutingStatusRecord"), Fields: fields(`
- =tAgentRoutingStatus metric
startTime time interval_start
endTime time interval_end
routingStatus text status
- elapsed seconds`)},
		},
	}
)

const (
	observed = "QueueObservationDataContainer UserObservationDataContainer FlowObservationDataContainer"
	active   = "ConversationActivityData RoutingActivityData UserActivityData TeamActivityData FlowActivityData"
	counted  = "ConversationActivityMetricValue RoutingActivityMetricValue UserActivityMetricValue " +
		"TeamActivityMetricValue FlowActivityMetricValue"
	present = "ConversationActivityEntityData RoutingActivityEntityData UserActivityEntityData " +
		"TeamActivityEntityData FlowActivityEntityData"
)

// What is observed now: of observations and of activities, which are described apart and
// look alike. A row of `data` has a metric, one of `entities` has who is behind it.
var observations = Level{
	List: "results", Models: split(observed + " " + active), Fields: fields(dimensions + "\ntruncated boolean group_truncated"),
	Below: []Level{
		{List: "data", Models: split("ObservationMetricData " + counted), Fields: fields("metric text\nqualifier text\nsecondaryQualifier text\ncount integer\ncalculatedMetricValue decimal\ntruncated boolean\nobservations json\nentityIds json\n" + statistics)},
		{List: "entities", Models: split(present), Fields: fields(`
metric text
activityDate time
conversationId text
sessionId text
userId text
queueId text
teamId text
flowId text
flowType text
mediaType text
direction text
systemPresence text
organizationPresenceId text
presenceDate time
routingStatus text
routingStatusDate time
queueMembershipStatus text
routingPriority integer
activeRouting text
usedRouting text
requestedRoutings json
requestedRoutingSkillIds json
requestedLanguageId text
participantName text
addressFrom text
addressTo text
ani text
dnis text
convertedFrom text
convertedTo text
scoredAgents json`)},
	},
}

const listed = "Queue User WrapupCode RoutingSkill Language OrganizationPresenceDefinition AuthzDivision Team Group"

// What can be listed. Of settings that one kind alone has, and of what hangs on an entity,
// extra has the rest.
var entities = Level{
	List: "entities", Models: split(listed),
	Fields: fields(`
id text
name text
division.id text division_id
division.name text division_name
divisionId text
description text
state text
type text
systemPresence text
deactivated boolean
homeDivision boolean
email text
username text
title text
department text
preferredName text
manager.id text manager_id
team.id text team_id
acdAutoAnswer boolean
languagePreference text
dateLastLogin time
dateWelcomeSent time
memberCount integer
userMemberCount integer
joinedMemberCount integer
visibility text
dateCreated time
dateModified time
createdBy text
modifiedBy text
languageLabels json
selfUri text`),
}

var tables = []*Table{
	newTable("queue_summary", "One row for each queue, bucket and metric; `bucket` is false in the rows that are about the whole interval.", queueSummaries),
	newTable("aggregates", "One row for each group, bucket and metric, or view.", groups),
	newTable("agent_status", "One row for each agent, span of time and status; `metric` says whether it is one of presence or of routing.", userAggregates, userDetails),
	newTable("conversations", "One row for each conversation.", conversations),
	newTable("participants", "One row for each participant of a conversation.", conversations.only("conversationId conversationStart", participants)),
	newTable("sessions", "One row for each session of a participant.", inConversation(sessions)),
	newTable("segments", "One row for each segment of a session; `segment_number` is its place there, from 1.", inSession(segments)),
	newTable("participant_attributes", "One row for each attribute of a participant, which only the job returns.", inConversation(attributes)),
	newTable("session_metrics", "One row for each metric of a session; `metric_number` is its place there, from 1.", inSession(sessionMetrics)),
	newTable("observations", "One row for each group and metric as of now, and one for each entity behind them that the service names.", observations),
	newTable("entities", "One row for each thing that can be listed: its id, its name and what most kinds have.", entities),
}

// Lookup returns the table of a name.
func Lookup(name string) (*Table, bool) {
	i := slices.IndexFunc(tables, func(t *Table) bool { return t.Name == name })
	if i < 0 {
		return nil, false
	}
	return tables[i], true
}

// Tables returns all tables.
func Tables() []*Table { return slices.Clone(tables) }

// Names returns the names of all tables.
func Names() (names []string) {
	for _, t := range tables {
		names = append(names, t.Name)
	}
	return names
}
