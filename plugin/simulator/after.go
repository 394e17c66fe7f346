// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What pages by "after": a cursor in the query string, handed out in nextUri.

// botSession and botTurn are BotFlowSession and ReportingTurn of the public API
// description.
type (
	botSession struct {
		ID                string     `json:"id"`
		Flow              entityRef  `json:"flow"`
		Channel           botChannel `json:"channel"`
		Language          string     `json:"language"`
		BotResult         string     `json:"botResult"`
		BotResultCategory string     `json:"botResultCategory"`
		DateCreated       string     `json:"dateCreated"`
		DateCompleted     string     `json:"dateCompleted"`
		Conversation      entityRef  `json:"conversation"`
	}
	botChannel struct {
		Name        string    `json:"name"`
		InputModes  []string  `json:"inputModes"`
		OutputModes []string  `json:"outputModes"`
		UserAgent   entityTag `json:"userAgent"`
	}
	entityTag struct {
		Name string `json:"name"`
	}
	botTurn struct {
		UserInput       string    `json:"userInput"`
		BotPrompts      []string  `json:"botPrompts"`
		SessionID       string    `json:"sessionId"`
		DateCreated     string    `json:"dateCreated"`
		DateCompleted   string    `json:"dateCompleted"`
		AskActionResult string    `json:"askActionResult"`
		Conversation    entityRef `json:"conversation"`
	}
)

const (
	maxBotPage     = 250
	defaultBotPage = 50
	botSlot        = 5 * 60_000 // milliseconds between two sessions of a bot
	maxTaskPage    = 200
)

func (s *Simulator) botSessions(c *call) (reply, *apiError) {
	return botPage(c, func(slot int64) botSession {
		h := s.data.botDice(c.id, slot)
		done := s.data.botDone(c.id, slot)
		conversation := uuid(mix(h, kindConversation))
		return botSession{
			ID:                uuid(mix(h, kindSession)),
			Flow:              entityRef{ID: c.id},
			Channel:           botChannel{"Messaging", []string{"Text"}, []string{"Text"}, entityTag{"GenesysWebWidget"}},
			Language:          "ko-kr",
			BotResult:         "ExitRequestedByBot",
			BotResultCategory: "BotExit",
			DateCreated:       stamp(done - pick(h, 10_000, 600_000)),
			DateCompleted:     stamp(done),
			Conversation:      entityRef{ID: conversation, SelfURI: "/api/v2/conversations/" + conversation},
		}
	}, s.data)
}

func (s *Simulator) botTurns(c *call) (reply, *apiError) {
	return botPage(c, func(slot int64) botTurn {
		h := s.data.botDice(c.id, slot)
		done := s.data.botDone(c.id, slot)
		conversation := uuid(mix(h, kindConversation))
		return botTurn{
			UserInput:       "opening hours",
			BotPrompts:      []string{"How can I help you?"},
			SessionID:       uuid(mix(h, kindSession)),
			DateCreated:     stamp(done - pick(h, 1_000, 9_000)),
			DateCompleted:   stamp(done),
			AskActionResult: "SuccessCollection",
			Conversation:    entityRef{ID: conversation, SelfURI: "/api/v2/conversations/" + conversation},
		}
	}, s.data)
}

func (d dataset) botDice(bot string, slot int64) uint64 {
	return mix(d.seed, kindBot, hashString(bot), uint64(slot))
}

// botDone: each slot since 1970 has one session, which was completed in it.
func (d dataset) botDone(bot string, slot int64) int64 {
	return slot*botSlot + pick(mix(d.botDice(bot, slot), 1), 0, botSlot-1)
}

// botPage lists what was completed in the interval, the last day without one.
func botPage[T any](c *call, entity func(slot int64) T, d dataset) (reply, *apiError) {
	iv := interval{c.now.Add(-24 * time.Hour), c.now}
	if c.query.Has("interval") {
		var err *apiError
		if iv, err = c.interval(); err != nil {
			return reply{}, err
		}
	}
	lo, hi := d.botSlots(c.id, iv)
	from, size, err := c.after(defaultBotPage, maxBotPage, int(hi-lo))
	if err != nil {
		return reply{}, err
	}
	to := min(from+size, int(hi-lo))
	l := cursorListing[T]{Entities: make([]T, 0, to-from), SelfURI: relative(c.path, c.query)}
	for n := from; n < to; n++ {
		l.Entities = append(l.Entities, entity(lo+int64(n)))
	}
	if to < int(hi-lo) {
		l.NextURI = c.next(to)
	}
	return c.page(l, iv.String(), from/size+1, to-from), nil
}

// botSlots is the range of slots whose session was completed inside iv.
func (d dataset) botSlots(bot string, iv interval) (lo, hi int64) {
	first := func(t int64) int64 {
		slot := t / botSlot
		if d.botDone(bot, slot) < t {
			slot++
		}
		return slot
	}
	return first(iv.start.UnixMilli()), first(ceilMilli(iv.end))
}

// afterMark makes every cursor one that must be escaped.
const afterMark = "+/"

// after reads pageSize and the cursor.
func (c *call) after(def, most, total int) (from, size int, err *apiError) {
	if size, err = c.queryInt("pageSize", def); err != nil {
		return 0, 0, err
	}
	if size, _, err = c.checkPaging(size, 1, most); err != nil {
		return 0, 0, err
	}
	cursor := c.query.Get("after")
	if cursor == "" {
		return 0, size, nil
	}
	text, marked := strings.CutPrefix(cursor, afterMark)
	raw, derr := base64.StdEncoding.DecodeString(text)
	from, nerr := strconv.Atoi(string(raw))
	if !marked || derr != nil || nerr != nil || from < 0 || from > total {
		return 0, 0, badRequest("The cursor is not valid: %s", cursor)
	}
	return from, size, nil
}

func cursorAfter(from int) string {
	return afterMark + base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(from)))
}

// next is the relative URI of the page that starts at from, escaped.
func (c *call) next(from int) string {
	q := url.Values{}
	maps.Copy(q, c.query)
	q.Set("after", cursorAfter(from))
	return relative(c.path, q)
}

// taskMetrics and what it answers are TaskManagementObservationQuery and
// ...Response, which are newer than the description that the Go SDK brings.
type (
	taskResponse struct {
		Results []taskResult `json:"results"`
		Cursors *taskCursors `json:"cursors,omitempty"`
		NextURI string       `json:"nextUri,omitempty"`
	}
	taskCursors struct {
		After string `json:"after"`
	}
	taskResult struct {
		Group map[string]string `json:"group"`
		Data  []taskData        `json:"data"`
	}
	taskData struct {
		Metric    string  `json:"metric"`
		Qualifier string  `json:"qualifier,omitempty"`
		Stats     counted `json:"stats"`
	}
	taskMetric struct {
		Name      string `json:"name"`
		Qualifier string `json:"qualifier"`
	}
)

// taskMetrics leaves groups without data out of their page, so that a page can be
// shorter than its size and yet not the last.
func (s *Simulator) taskMetrics(c *call) (reply, *apiError) {
	metrics, err := bodyValue[[]taskMetric](c, "metrics")
	if err != nil {
		return reply{}, err
	}
	dimensions, err := bodyValue[[]string](c, "groupBy")
	if err != nil {
		return reply{}, err
	}
	keys := s.data.groups(dimensions)
	from, size, err := c.after(defaultPage, maxTaskPage, len(keys))
	if err != nil {
		return reply{}, err
	}
	to := min(from+size, len(keys))
	r := taskResponse{Results: []taskResult{}}
	for key := range slices.Values(keys[from:to]) {
		if mix(s.data.seed, kindRow, hashString(spell(key)))%5 != 0 {
			r.Results = append(r.Results, s.data.taskResult(key, metrics))
		}
	}
	if to < len(keys) {
		r.Cursors, r.NextURI = &taskCursors{cursorAfter(to)}, c.next(to)
	}
	return c.page(r, "", from/size+1, len(r.Results)), nil
}

func (d dataset) taskResult(key map[string]string, metrics []taskMetric) taskResult {
	r := taskResult{Group: key}
	for _, m := range metrics {
		h := mix(d.seed, kindStat, hashString("task", spell(key), m.Name, m.Qualifier))
		r.Data = append(r.Data, taskData{m.Name, m.Qualifier, counted{pick(h, 0, 50)}})
	}
	return r
}
