// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/genesys"
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
		m := run.Manifest("", genesys.Endpoint{}, time.Unix(0, 0), Counts{})
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

// FuzzDecode: nothing in a cache makes reading it panic, and what reads well is
// written back as the same position.
func FuzzDecode(f *testing.F) {
	f.Add(`{"version":1,"sequence":3,"plan":{"endpoint":"/x"},"at":"2026-11-21T15:00:00Z"}`)
	f.Add(`{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T15:05:00+09:00","cursor":{"page":3},"page_size":100}`)
	f.Add(`{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T15:05:00Z","cursor":{"page":3,"cursor":"+/=","job":"4c1e"},"page_size":1000}`)
	f.Add(`{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T15:05:00Z","cursor":{"job":"\ud800"}}`)
	f.Add(`{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T15:05:00Z","cursor":{},"page_size":100,"of":{"start":"2026-11-21T15:00:00Z","end":"2026-11-21T15:10:00+00:00"}}`)
	f.Add(strings.Repeat("[", 100))
	f.Fuzz(func(t *testing.T, data string) {
		e, err := decode([]byte(data))
		if err != nil {
			return
		}
		written, err := encode(e.Sequence, e.Plan, e.position())
		if err != nil {
			return // a year that RFC 3339 cannot write
		}
		again, err := decode(written)
		if err != nil || !same(again, e) {
			t.Fatalf("%s\nwas written as %s: %v", data, written, err)
		}
	})
}

func same(a, b entry) bool {
	one, err := encode(a.Sequence, a.Plan, a.position())
	two, other := encode(b.Sequence, b.Plan, b.position())
	return err == nil && other == nil && bytes.Equal(one, two)
}

// TestAnEntryThatIsABombIsRefused: whoever can write to the cache can make one.
func TestAnEntryThatIsABombIsRefused(t *testing.T) {
	const entry = `{"version":1,"at":"2026-11-21T15:00:00Z","end":"2026-11-21T15:05:00Z","cursor":`
	_, err := decode([]byte(entry + `{"page":2,"job":"0b9d2f3c-7c3b","cursor":"a/b+c=="}}`))
	require.NoError(t, err)
	for name, cursor := range map[string]string{
		"a job that climbs":         `{"job":".."}`,
		"a job that climbs escaped": `{"job":"%2e%2e"}`,
		"a job with a slash":        `{"job":"x/../../users"}`,
		"a job of any length":       `{"job":"` + strings.Repeat("a", 257) + `"}`,
		"a cursor of any length":    `{"cursor":"` + strings.Repeat("a", 9<<10) + `"}`,
		"a page below 0":            `{"page":-1}`,
		"a memory of any length":    `{"seen":"` + strings.Repeat("a", 513) + `"}`,
		"less than no records":      `{"records":-1}`,
	} {
		_, err := decode([]byte(entry + cursor + "}"))
		require.Error(t, err, name)
		assert.Less(t, len(err.Error()), 512, name)
	}
}
