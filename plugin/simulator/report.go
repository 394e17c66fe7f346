// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"net/http"
	"time"
)

// Report returns what the tenant has seen so far.
func (s *Simulator) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.tally.Report
	r.RequestsByStatus = maps.Clone(s.tally.Statuses)
	r.Pages = maps.Clone(r.Pages)
	r.Throttled, r.EarlyRequests = s.quota.report.throttled, s.quota.report.early
	r.Windows = s.quota.windows
	if len(s.tally.distinct) > 0 {
		r.FewestRequests = len(s.tally.distinct) + 1 + len(s.tally.jobs)*(s.cfg.JobPolls+2)
	}
	if s.cfg.Bucket > 0 {
		full := max(r.FewestRequests-1, 0) / s.cfg.Bucket
		r.MinSeconds = (time.Duration(full) * s.cfg.Window).Seconds()
	}
	return r
}

func (s *Simulator) serveReport(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(s.Report()))
}
