// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

// conversationResults is AnalyticsConversationAsyncQueryResponse.
type conversationResults struct {
	Conversations        []conversation `json:"conversations,omitempty"`
	Cursor               string         `json:"cursor,omitempty"`
	DataAvailabilityDate string         `json:"dataAvailabilityDate"`
}

func (r conversationResults) withCursor(cursor string) any {
	r.Cursor = cursor
	return r
}

// conversationJob answers, past the watermark, with part of the data and no
// error, as the service does.
func (s *Simulator) conversationJob(c *call) (*job, *apiError) {
	iv, limit, err := jobQuery(c)
	if err != nil {
		return nil, err
	}
	sameDay, err := bodyValue[bool](c, "startOfDayIntervalMatching")
	if err != nil {
		return nil, err
	}
	watermark := s.watermark(c.now)
	sel := s.data.pickOut(selectionKey{iv.start.UnixMilli(), ceilMilli(iv.end), watermark, sameDay})
	return &job{over: iv, total: capped(sel.total, limit), results: func(from, to int) jobBody {
		r := conversationResults{DataAvailabilityDate: stamp(watermark)}
		for n := from; n < to; n++ {
			day, i := sel.at(n)
			r.Conversations = append(r.Conversations, s.data.conversation(day, i, true))
		}
		return r
	}}, nil
}

// userResults is AnalyticsUserDetailsAsyncQueryResponse.
type userResults struct {
	UserDetails          []userDetail `json:"userDetails,omitempty"`
	Cursor               string       `json:"cursor,omitempty"`
	DataAvailabilityDate string       `json:"dataAvailabilityDate"`
}

func (r userResults) withCursor(cursor string) any {
	r.Cursor = cursor
	return r
}

// userJob leaves out the days that were not over at the watermark.
func (s *Simulator) userJob(c *call) (*job, *apiError) {
	iv, limit, err := jobQuery(c)
	if err != nil {
		return nil, err
	}
	watermark := s.watermark(c.now)
	days := floorDay(watermark) - floorDay(iv.start.UnixMilli())
	total := min(s.data.userRows(iv), s.data.users()*int(max(days, 0)))
	return &job{over: iv, total: capped(total, limit), results: func(from, to int) jobBody {
		r := userResults{DataAvailabilityDate: stamp(watermark)}
		for n := from; n < to; n++ {
			r.UserDetails = append(r.UserDetails, s.data.userRow(iv, n))
		}
		return r
	}}, nil
}

func jobQuery(c *call) (iv interval, limit int, err *apiError) {
	if iv, err = c.interval(); err != nil {
		return iv, 0, err
	}
	limit, err = bodyValue[int](c, "limit")
	return iv, limit, err
}

func capped(total, limit int) int {
	if limit > 0 {
		return min(total, limit)
	}
	return total
}

func (r aggregateResponse) withCursor(cursor string) any {
	r.Cursor = cursor
	return r
}

// aggregateJob pages by group.
func (s *Simulator) aggregateJob(domain string) func(*call) (*job, *apiError) {
	return func(c *call) (*job, *apiError) {
		iv, groups, err := s.aggregate(c, domain)
		if err != nil {
			return nil, err
		}
		size, err := bodyValue[int](c, "pageSize")
		if err != nil {
			return nil, err
		}
		if size, _, err = c.checkPaging(orDefault(size, defaultJobPage), 1, maxJobPage); err != nil {
			return nil, err
		}
		return &job{over: iv, total: len(groups), pageSize: size, results: func(from, to int) jobBody {
			return s.aggregateResponse(domain, groups[from:to])
		}}, nil
	}
}
