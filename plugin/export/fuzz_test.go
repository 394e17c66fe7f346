// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// FuzzLoad: whatever the entries of a checkpoint hold, there is none, or one of them,
// or an error for a person; and what is found goes on being found once it is written.
func FuzzLoad(f *testing.F) {
	const plan = `"plan":{"endpoint":"/api/v2/analytics/queues/summary","query":"sha256:1","interval":"PT5M","timezone":"Asia/Seoul"}`
	f.Add([]byte(`{"version":1,"sequence":2,`+plan+`,"at":"2026-11-21T15:00:00Z"}`), []byte(`{"version":1,"sequence":3,`+plan+`,"at":"2026-11-21T15:05:00Z"}`), []byte(`{"began":"2026-11-21T15:00:00Z"}`))
	f.Add([]byte(`{"version":1,"sequence":18446744073709551615,`+plan+`,"at":"2026-11-21T15:00:00Z"}`), []byte(`{"ver`), []byte(`{}`))
	f.Add([]byte(`{"version":2}`), []byte(``), []byte(`[`))
	f.Fuzz(func(t *testing.T, one, two, marker []byte) {
		m := newMemory()
		m.entries["key"], m.entries["key_2"], m.entries["key_began"] = string(one), string(two), string(marker)
		s := NewStore(m, "key", somePlan)
		_, _, _ = s.Marked(t.Context())
		p, ok, err := s.Load(t.Context())
		var other *PlanError
		switch {
		case err != nil && (ok || !errors.Is(err, ErrUnreadable) && !errors.As(err, &other)):
			t.Fatalf("%t, %v", ok, err)
		case !ok:
			return
		}
		if s.Save(t.Context(), p) != nil {
			return // a year that RFC 3339 cannot write
		}
		again, ok, err := NewStore(m, "key", somePlan).Load(t.Context())
		if err != nil || !ok || !again.At.Equal(p.At) || again.Cursor != p.Cursor {
			t.Fatalf("%+v was written, and %+v is there: %t, %v", p, again, ok, err)
		}
	})
}

// FuzzRun: a run that reads well is written back the same, and its manifest claims to
// be complete only of intervals that tile the window.
func FuzzRun(f *testing.F) {
	f.Add([]byte(`{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:10:00Z","from":"1970-01-01T00:00:00Z","pages":2,"records":3,"intervals":[[0,300,1,2,2,1,9],[300,600,1,1,-1,1]]}`))
	f.Add([]byte(`{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:10:00Z","intervals":[[0,300,1,2,2,1],[200,9223372036854775807,1,1,-1,1]]}`))
	f.Add([]byte(`{"intervals":[[-1,-9,-1,-1,-1,2]]}`))
	f.Add([]byte(`{"intervals":[[0],[0]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var run, again Run
		if json.Unmarshal(data, &run) != nil {
			return
		}
		written, err := json.Marshal(&run)
		if err != nil {
			return // a year that RFC 3339 cannot write
		}
		if err := json.Unmarshal(written, &again); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if twice, err := json.Marshal(&again); err != nil || !bytes.Equal(twice, written) {
			t.Fatalf("%s is written as %s: %v", written, twice, err)
		}
		m := run.Manifest(ManifestSource{}, time.Unix(0, 0), Counts{})
		at := run.Start
		for _, tally := range run.tallies() {
			if m.Complete && !tally.Interval.Start.Equal(at) {
				t.Fatalf("%s claims to be complete, and nothing is known of what follows %s", data, at)
			}
			at = tally.Interval.End
		}
		if m.Complete && at.Before(run.End) {
			t.Fatalf("%s claims to be complete up to %s", data, at)
		}
	})
}
