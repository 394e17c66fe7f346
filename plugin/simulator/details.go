// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/json"
	"math"
	"slices"
	"time"
)

const (
	maxDepth = 100_000
	// An interval may be so long without a filter, and with one.
	maxDays, maxDaysFiltered = 7, 31

	tooDeep = "Pagination may not exceed 100000 results. \n\nTip: When extracting large chunks of data (multiple days/weeks), " +
		"maximize pagination performance by querying in smaller intervals. For example, paging through 1am-2am, then 2am-3am, ..."
	tooLong = "You must specify a search interval as part of your query that does not exceed %d days"
)

// filters are what narrows the details queries down.
var filters = []string{
	"conversationFilters", "segmentFilters", "evaluationFilters", "surveyFilters", "resolutionFilters",
	"userFilters", "presenceFilters", "routingStatusFilters",
}

// mostDays is how many the interval of a details query may have.
func mostDays(c *call) (int, *apiError) {
	for _, name := range filters {
		switch of, err := bodyValue[[]json.RawMessage](c, name); {
		case err != nil:
			return 0, err
		case len(of) > 0:
			return maxDaysFiltered, nil
		}
	}
	return maxDays, nil
}

// detailsPage reads what the two details queries have in common.
func detailsPage(c *call) (iv interval, size, number int, err *apiError) {
	if iv, err = c.interval(); err != nil {
		return
	}
	days, err := mostDays(c)
	if err != nil {
		return iv, 0, 0, err
	}
	if iv.end.Sub(iv.start) > time.Duration(days)*24*time.Hour {
		return iv, 0, 0, badRequest(tooLong, days)
	}
	if size, number, err = c.bodyPaging(); err != nil {
		return
	}
	if number > maxDepth/size {
		err = badRequest(tooDeep)
	}
	return
}

// conversationPage is AnalyticsConversationQueryResponse: past the last page it
// has no conversations key.
type conversationPage struct {
	Conversations []conversation `json:"conversations,omitempty"`
	TotalHits     int            `json:"totalHits"`
}

func (s *Simulator) conversationsQuery(c *call) (reply, *apiError) {
	iv, size, number, err := detailsPage(c)
	if err != nil {
		return reply{}, err
	}
	order, err := bodyValue[string](c, "order")
	if err != nil {
		return reply{}, err
	}
	if order != "" && !slices.Contains([]string{"asc", "desc", "unordered"}, order) {
		return reply{}, invalidValue(order, "order", "asc, desc, unordered")
	}
	sel := s.selected(selectionKey{iv.start.UnixMilli(), ceilMilli(iv.end), math.MaxInt64, true})
	from, to := c.shortened(iv.String(), sel.total, size, number)
	page := conversationPage{TotalHits: sel.total}
	for n := from; n < to; n++ {
		at := n
		if order == "desc" {
			at = sel.total - 1 - n
		}
		day, i := sel.at(at)
		page.Conversations = append(page.Conversations, s.data.conversation(day, i, false))
	}
	return c.page(page, iv.String(), number, to-from), nil
}

// selected keeps the last selections: a walk asks for one again on every page.
func (s *Simulator) selected(k selectionKey) *selection {
	const most = 64
	s.mu.Lock()
	defer s.mu.Unlock()
	if sel, ok := s.selections[k]; ok {
		return sel
	}
	if len(s.selections) >= most {
		clear(s.selections)
	}
	sel := s.data.pickOut(k)
	s.selections[k] = sel
	return sel
}

// userDetail is AnalyticsUserDetail of the public API description.
type (
	userDetail struct {
		UserID          string           `json:"userId"`
		PrimaryPresence []presenceRecord `json:"primaryPresence"`
		RoutingStatus   []routingRecord  `json:"routingStatus"`
	}
	presenceRecord struct {
		StartTime              string `json:"startTime"`
		EndTime                string `json:"endTime"`
		SystemPresence         string `json:"systemPresence"`
		OrganizationPresenceID string `json:"organizationPresenceId"`
	}
	routingRecord struct {
		StartTime     string `json:"startTime"`
		EndTime       string `json:"endTime"`
		RoutingStatus string `json:"routingStatus"`
	}
	userPage struct {
		UserDetails []userDetail `json:"userDetails,omitempty"`
		TotalHits   int          `json:"totalHits"`
	}
)

func (s *Simulator) usersQuery(c *call) (reply, *apiError) {
	iv, size, number, err := detailsPage(c)
	if err != nil {
		return reply{}, err
	}
	page := userPage{TotalHits: s.data.userRows(iv)}
	from, to := c.shortened(iv.String(), page.TotalHits, size, number)
	for n := from; n < to; n++ {
		if !s.data.repeated(s.cfg.DropEntries, iv, n) {
			page.UserDetails = append(page.UserDetails, s.data.userRow(iv, n))
		}
	}
	return c.page(page, iv.String(), number, len(page.UserDetails)), nil
}

// repeated reports whether a row only repeats another: one of an uneven number,
// so that no page of two or more is left without any.
func (d dataset) repeated(share float64, iv interval, n int) bool {
	return n%2 == 1 && chance(mix(d.seed, kindRepeat, uint64(iv.start.UnixMilli()), uint64(n))) < 2*share
}

// userRows: a user has one row for each UTC day that the interval touches.
func (d dataset) userRows(iv interval) int {
	days := floorDay(ceilMilli(iv.end)-1) - floorDay(iv.start.UnixMilli()) + 1
	return d.users() * int(days)
}

func (d dataset) userRow(iv interval, n int) userDetail {
	day := floorDay(iv.start.UnixMilli()) + int64(n/d.users())
	user := n % d.users()
	h := mix(d.seed, kindUser, uint64(user), uint64(day))
	midnight := day * dayMillis
	on := midnight + pick(h, 6*3_600_000, 10*3_600_000)
	off := on + pick(mix(h), 6*3_600_000, 9*3_600_000)
	row := userDetail{UserID: d.userID(user)}
	for _, r := range []struct {
		from, to          int64
		presence, routing string
	}{
		{midnight, on, "OFFLINE", "OFF_QUEUE"},
		{on, off, "ON_QUEUE", "IDLE"},
		{off, midnight + dayMillis, "OFFLINE", "OFF_QUEUE"},
	} {
		row.PrimaryPresence = append(row.PrimaryPresence, presenceRecord{stamp(r.from), stamp(r.to), r.presence, d.presences()[r.presence][0]})
		row.RoutingStatus = append(row.RoutingStatus, routingRecord{stamp(r.from), stamp(r.to), r.routing})
	}
	return row
}
