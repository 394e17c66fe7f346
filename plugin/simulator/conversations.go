// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"time"
)

// The conversations of a UTC day lie on a grid: the i-th starts inside the i-th of
// equal slots. So they are in order of start, and each can be made from its index
// alone.

// maxLifetime bounds how long before an interval a conversation that reaches into
// it can have started.
const maxLifetime = int64(6 * time.Hour / time.Millisecond)

// conversationStart is in milliseconds since 1970; day counts from there too.
func (d dataset) conversationStart(day, i int64) int64 {
	from, to := i*dayMillis/d.perDay, (i+1)*dayMillis/d.perDay
	h := mix(d.seed, kindConversation, uint64(day), uint64(i))
	return day*dayMillis + from + pick(h, 0, max(to-from-1, 0))
}

// conversationEnd: most last minutes, one in twenty hours.
func (d dataset) conversationEnd(day, i, start int64) int64 {
	h := mix(d.seed, kindConversation, uint64(day), uint64(i), 1)
	if h%20 == 0 {
		return start + pick(mix(h), 20*60_000, maxLifetime)
	}
	return start + pick(mix(h), 5_000, 20*60_000)
}

// conversation and what is in it, as AnalyticsConversation of the public API
// description has them.
type (
	conversation struct {
		ConversationID        string        `json:"conversationId"`
		ConversationStart     string        `json:"conversationStart"`
		ConversationEnd       string        `json:"conversationEnd"`
		OriginatingDirection  string        `json:"originatingDirection"`
		ConversationInitiator string        `json:"conversationInitiator"`
		DivisionIDs           []string      `json:"divisionIds"`
		MinMos                float64       `json:"mediaStatsMinConversationMos,omitempty"`
		Participants          []participant `json:"participants"`
	}
	participant struct {
		ParticipantID string            `json:"participantId"`
		Purpose       string            `json:"purpose"`
		UserID        string            `json:"userId,omitempty"`
		Attributes    map[string]string `json:"attributes,omitempty"`
		Sessions      []session         `json:"sessions"`
	}
	session struct {
		SessionID string          `json:"sessionId"`
		MediaType string          `json:"mediaType"`
		Direction string          `json:"direction"`
		Metrics   []sessionMetric `json:"metrics,omitempty"`
		Segments  []segment       `json:"segments"`
	}
	sessionMetric struct {
		Name     string `json:"name"`
		Value    int64  `json:"value"`
		EmitDate string `json:"emitDate"`
	}
	segment struct {
		SegmentStart   string `json:"segmentStart"`
		SegmentEnd     string `json:"segmentEnd"`
		SegmentType    string `json:"segmentType"`
		DisconnectType string `json:"disconnectType,omitempty"`
		QueueID        string `json:"queueId,omitempty"`
	}
)

// conversation makes the i-th of the day. Attributes are for the jobs only: the
// query answers with AnalyticsConversationWithoutAttributes.
func (d dataset) conversation(day, i int64, attributes bool) conversation {
	start := d.conversationStart(day, i)
	end := d.conversationEnd(day, i, start)
	h := mix(d.seed, kindParticipant, uint64(day), uint64(i))
	queue := int(h % uint64(d.queues))
	media := mediaTypes[mix(h, 1)%uint64(len(mediaTypes))]
	answered := start + (end-start)/10
	c := conversation{
		ConversationID:        d.conversationID(day, i),
		ConversationStart:     stamp(start),
		ConversationEnd:       stamp(end),
		OriginatingDirection:  "inbound",
		ConversationInitiator: "customer",
		DivisionIDs:           []string{d.divisionID()},
		Participants: []participant{{
			ParticipantID: uuid(mix(h, 2)),
			Purpose:       "customer",
			Sessions: []session{{
				SessionID: uuid(mix(h, 3)), MediaType: media, Direction: "inbound",
				Segments: []segment{{
					SegmentStart: stamp(start), SegmentEnd: stamp(end), SegmentType: "interact",
					DisconnectType: "peer", QueueID: d.queueID(queue),
				}},
			}},
		}, {
			ParticipantID: uuid(mix(h, 4)),
			Purpose:       "agent",
			UserID:        d.userID(queue*agentsPerQueue + int(mix(h, 5)%agentsPerQueue)),
			Sessions: []session{{
				SessionID: uuid(mix(h, 6)), MediaType: media, Direction: "inbound",
				Metrics:  []sessionMetric{{"tHandle", end - answered, stamp(end)}},
				Segments: []segment{{SegmentStart: stamp(answered), SegmentEnd: stamp(end), SegmentType: "interact"}},
			}},
		}},
	}
	if media == "voice" {
		c.MinMos = 4 + float64(mix(h, 7)%100)/100
	}
	if attributes {
		c.Participants[0].Attributes = map[string]string{"account": uuid(mix(h, 8))[:8], "language": "ko-KR"}
	}
	return c
}

// conversationID has the day and the index itself in it, so that no two are alike
// and one can be looked up.
func (d dataset) conversationID(day, i int64) string {
	return uuidOf(mix(d.seed, kindConversation, uint64(day), uint64(i), 2), uint64(day)<<24|uint64(i))
}

// selection is the conversations that an interval matches, in order of start.
type selection struct {
	parts []part
	total int
}

// part is one day's share: some from before the interval's start that reach into
// it, and all of a range.
type part struct {
	day     int64
	earlier []int64
	lo, hi  int64
}

type selectionKey struct {
	start, end, watermark int64
	sameDay               bool
}

// pickOut selects the conversations whose lifetime overlaps with [start, end) and
// that had ended by the watermark. With sameDay, those that started on a UTC day
// which the interval touches, which is what the query does and a job does not.
func (d dataset) pickOut(k selectionKey) *selection {
	sel := &selection{}
	first, last := floorDay(k.start), floorDay(k.end-1)
	if !k.sameDay {
		first = floorDay(k.start - maxLifetime)
	}
	for day := first; day <= last; day++ {
		p := part{day: day, lo: d.firstFrom(day, k.start), hi: d.firstFrom(day, k.end)}
		for i := d.firstFrom(day, k.start-maxLifetime); i < p.lo; i++ {
			if d.conversationEnd(day, i, d.conversationStart(day, i)) > k.start {
				p.earlier = append(p.earlier, i)
			}
		}
		d.trim(&p, k.watermark)
		sel.total += p.size()
		sel.parts = append(sel.parts, p)
	}
	return sel
}

// trim takes out what ended after the watermark. The range becomes a list where
// the watermark cuts through it.
func (d dataset) trim(p *part, watermark int64) {
	if watermark >= (p.day+1)*dayMillis+maxLifetime {
		return
	}
	var kept []int64
	keep := func(i int64) {
		if d.conversationEnd(p.day, i, d.conversationStart(p.day, i)) <= watermark {
			kept = append(kept, i)
		}
	}
	for _, i := range p.earlier {
		keep(i)
	}
	for i := p.lo; i < p.hi; i++ {
		keep(i)
	}
	p.earlier, p.lo, p.hi = kept, 0, 0
}

// firstFrom is the index of the day's first conversation that starts at t or
// later. The slot of t is computed; only its own conversation must be looked at.
func (d dataset) firstFrom(day, t int64) int64 {
	offset := t - day*dayMillis
	if offset <= 0 {
		return 0
	}
	if offset >= dayMillis {
		return d.perDay
	}
	i := max(offset*d.perDay/dayMillis-1, 0)
	for i < d.perDay && d.conversationStart(day, i) < t {
		i++
	}
	return i
}

func (p part) size() int { return len(p.earlier) + int(p.hi-p.lo) }

// at is the n-th of the selection: its day and index.
func (sel *selection) at(n int) (day, i int64) {
	for _, p := range sel.parts {
		if n < len(p.earlier) {
			return p.day, p.earlier[n]
		}
		if n < p.size() {
			return p.day, p.lo + int64(n-len(p.earlier))
		}
		n -= p.size()
	}
	panic("simulator: index outside the selection")
}

func floorDay(ms int64) int64 {
	day := ms / dayMillis
	if ms%dayMillis < 0 {
		day--
	}
	return day
}
