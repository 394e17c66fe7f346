// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"fmt"
	"sync"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// service is what a walk reads from: each interval has its number of pages, and
// each page takes as long as it takes.
type service struct {
	pages func(window.Interval) int
	takes func(window.Interval, int) time.Duration
	fault func(iv window.Interval, page, attempt int) error
	// records and total are each page's.
	records int
	total   *int64

	mu      sync.Mutex
	asked   map[string]int // "15:05 p2" → attempts
	reading int            // intervals being read now
	most    int
}

func (s *service) open(iv window.Interval, retry genesys.Retry) Source {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading++
	s.most = max(s.most, s.reading)
	return &serviceSource{service: s, iv: iv, retry: retry}
}

// jobless is a part of a source that has no job.
type jobless struct{}

func (jobless) Abandon(context.Context) error { return nil }

type serviceSource struct {
	jobless
	service *service
	iv      window.Interval
	retry   genesys.Retry
}

func (p *serviceSource) Read(ctx context.Context, from genesys.Cursor, emit func(genesys.Page) error) error {
	count := 1
	if p.service.pages != nil {
		count = p.service.pages(p.iv)
	}
	for n := max(1, from.Page); n <= count; n++ {
		var page genesys.Page
		err := p.retry(ctx, func(ctx context.Context) (err error) {
			page, err = p.fetch(ctx, n, count)
			return err
		})
		if err == nil {
			err = emit(page)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *serviceSource) fetch(ctx context.Context, n, count int) (genesys.Page, error) {
	s := p.service
	if s.takes != nil {
		if err := pause(ctx, s.takes(p.iv, n)); err != nil {
			return genesys.Page{}, err
		}
	}
	name := fmt.Sprintf("%s p%d", p.iv.Start.Format("15:04"), n)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[name]++
	if s.fault != nil {
		if err := s.fault(p.iv, n, s.asked[name]); err != nil {
			return genesys.Page{}, err
		}
	}
	page := genesys.Page{Number: n, Last: n == count, Body: []byte(name), Next: genesys.Cursor{Page: n + 1}, Records: s.records, Total: s.total}
	if page.Last {
		s.reading--
	}
	return page, nil
}
