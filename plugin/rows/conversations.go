// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

// What is in a conversation, each with rows of its own.

var conversations = Level{
	List: "conversations", Models: split("AnalyticsConversation AnalyticsConversationWithoutAttributes"), Elsewhere: split("participants"),
	Fields: fields(`
conversationId text
conversationStart time
conversationEnd time
conversationInitiator text
originatingDirection text
customerParticipation boolean
selfServed boolean
externalTag text
conferenceStart time
inactivityTimeout time
associatedConversationId text
originatingSocialMediaPublic boolean
mediaStatsMinConversationMos double
mediaStatsMinConversationRFactor double
divisionIds json
knowledgeBaseIds json
accessAttributes json
consultationConversationIds json
evaluations json
surveys json
resolutions json`),
}

var participants = Level{
	List: "participants", Models: split("AnalyticsParticipant AnalyticsParticipantWithoutAttributes"), Elsewhere: split("sessions attributes{}"),
	Fields: fields(`
participantId text
participantName text
purpose text
userId text
teamId text
externalContactId text
externalOrganizationId text
flaggedReason text
screenRecording boolean`),
}

var sessions = Level{
	List: "sessions", Models: split("AnalyticsSession"), Elsewhere: split("segments metrics"),
	Fields: fields(`
sessionId text
mediaType text
direction text
ani text
dnis text
sessionDnis text
addressFrom text
addressTo text
addressSelf text
addressOther text
provider text
messageType text
remote text
remoteNameDisplayable text
edgeId text
peerId text
protocolCallId text
roomId text
videoRoomId text
videoAddressSelf text
screenShareRoomId text
screenShareAddressSelf text
sharingScreen boolean
recording boolean
snippetRecording boolean
mediaCount integer
mediaBridgeId text
usedRouting text
routingRule text
routingRuleType text
routingRing integer
agentBullseyeRing integer
agentOwned boolean
agentAssistantId text
assignerId text
selectedAgentId text
selectedAgentRank integer
skillExpressionId text
acwSkipped boolean
skipEnabled boolean
timeoutSeconds integer
authenticated boolean
cleared boolean
bargedParticipantId text
coachedParticipantId text
monitoredParticipantId text
screenMonitoredUserId text
cobrowseRole text
cobrowseRoomId text
callbackScheduledTime time
callbackUserName text
deliveryStatus text
deliveryStatusChangeDate time
deliveryPushed boolean
extendedDeliveryStatus text
errorCodeDescription text
engagementSource text
detectedSpeechStart time
detectedSpeechEnd time
dispositionAnalyzer text
dispositionName text
flowInType text
flowOutType text
scriptId text
outboundCampaignId text
outboundContactId text
outboundContactListId text
journeyActionId text
journeyActionMapId text
journeyActionMapVersion integer
journeyCustomerId text
journeyCustomerIdType text
journeyCustomerSessionId text
journeyCustomerSessionIdType text
activeSkillIds json
removedSkillIds json
requestedRoutings json
bcc json
cc json
callbackNumbers json
destinationAddresses json
eligibleAgentCounts json
waitingInteractionCounts json
agentGroups json
proposedAgents json
mediaEndpointStats json
flow json`),
}

var segments = Level{
	List: "segments", Models: split("AnalyticsConversationSegment"),
	Fields: fields(`
- position segment_number
segmentType text
segmentStart time
segmentEnd time
queueId text
wrapUpCode text
wrapUpNote text
disconnectType text
errorCode text
conference boolean
audioMuted boolean
videoMuted boolean
subject text
groupId text
requestedLanguageId text
sourceConversationId text
sourceSessionId text
destinationConversationId text
destinationSessionId text
requestedRoutingSkillIds json
requestedRoutingUserIds json
q850ResponseCodes json
sipResponseCodes json
wrapUpTags json
scoredAgents json
properties json`),
}

var (
	attributes = Level{List: "attributes", Entries: true, Fields: fields("name text attribute_name\nvalue text attribute_value")}

	sessionMetrics = Level{
		List: "metrics", Models: split("AnalyticsSessionMetric"),
		Fields: fields("- position metric_number\nname text metric\nvalue integer\nemitDate time"),
	}
)

// inConversation returns a level whose elements belong to a participant.
func inConversation(below Level) Level {
	return conversations.only("conversationId conversationStart", participants.only("participantId", below))
}

func inSession(below Level) Level { return inConversation(sessions.only("sessionId", below)) }
