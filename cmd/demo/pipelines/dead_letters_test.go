// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const deadLetters = "config/dead_letters/queue_minutes.yaml"

// TestDeadLetters: of one interval a row cannot be read, of another nothing can. What can be is stored, and the
// run goes on to its end.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.summary(t, time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))
	var queue string
	w.putFront(t, func(req *http.Request, body []byte) []byte {
		switch interval := req.URL.Query().Get("interval"); {
		case strings.HasPrefix(interval, "2026-11-21T03:10:00"):
			found := regexp.MustCompile(`"metric":"tHandle","stats":\{[^}]*"sum":(\d+)`).FindSubmatchIndex(body)
			queue = string(regexp.MustCompile(`"id":"([^"]+)"`).FindSubmatch(body)[1])
			return slices.Concat(body[:found[2]], []byte(`"many"`), body[found[3]:])
		case strings.HasPrefix(interval, "2026-11-21T03:20:00"):
			return []byte(`{"entities":[17],"pageNumber":1,"pageSize":100,"total":1,"pageCount":1}`)
		}
		return nil
	})
	status, log := w.toEnd(t, deadLetters, "S3_PREFIX=genesys/", "EXPORT_START=2026-11-21T12:00:00+09:00", "EXPORT_END=2026-11-21T13:00:00+09:00")
	require.Zero(t, status, log)

	dead := w.objects(t, "genesys/dead/")
	assert.Equal(t, []string{
		"genesys/dead/queue_minutes/2026/11/21/031000Z-031500Z/p0001.ndjson",
		"genesys/dead/queue_minutes/2026/11/21/032000Z-032500Z/p0001.ndjson",
	}, slices.Sorted(maps.Keys(dead)))
	letters := lines(t, dead)
	require.Len(t, letters, 2)
	for _, letter := range letters {
		assert.NotEmpty(t, letter["error"])
		assert.Contains(t, log, "A dead letter of queue_minutes/2026/11/21/03")
	}
	assert.Contains(t, text(lines(t, map[string][]byte{"": dead["genesys/dead/queue_minutes/2026/11/21/031000Z-031500Z/p0001.ndjson"]})[0], "content"), `{\"stats.sum\":\"many\"}`)

	lost := sumKey("2026-11-21T03:10:00Z", queue, "tHandle")
	assertMinutes(t, w, want, func(key string) bool { return key == lost || strings.HasPrefix(key, "2026-11-21T03:20:00Z") })
}

// TestAPageThatIsNoJSONIsNoDeadLetter: it is taken for a fault of the service, and asked for again. One that stays
// so holds the run at its interval, and ends it after GIVE_UP_AFTER; what came before is stored, and the next run
// brings the rest.
func TestAPageThatIsNoJSONIsNoDeadLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.summary(t, time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC))
	var mended atomic.Bool
	var asked atomic.Int32
	w.putFront(t, func(req *http.Request, body []byte) []byte {
		switch interval := req.URL.Query().Get("interval"); {
		case strings.HasPrefix(interval, "2026-11-21T03:10:00") && asked.Add(1) < 3:
			return []byte("<html><body>502 Bad Gateway</body></html>")
		case strings.HasPrefix(interval, "2026-11-21T03:30:00") && !mended.Load():
			return body[:len(body)/2]
		}
		return nil
	})
	run := func(giveUp string) (status int, log string) {
		p, err := w.Ship(w.tenant, []string{"run", "--set", "input.genesys_analytics.fallback_pause=20ms", deadLetters}, "S3_PREFIX=genesys/",
			"EXPORT_START=2026-11-21T12:00:00+09:00", "EXPORT_END=2026-11-21T13:00:00+09:00", "GIVE_UP_AFTER="+giveUp)
		require.NoError(t, err)
		status, err = p.Wait(t.Context(), patience)
		require.NoError(t, err)
		return status, p.Output()
	}
	status, log := run("PT1S")
	assert.Equal(t, 1, status, log)
	assert.Contains(t, log, "not a whole JSON document")
	assert.EqualValues(t, 3, asked.Load(), "until it was one")
	assertMinutes(t, w, want, func(key string) bool { return key >= "2026-11-21T03:30:00Z" })

	mended.Store(true)
	status, log = run("PT20H")
	require.Zero(t, status, log)
	assertMinutes(t, w, want, func(string) bool { return false })
	assert.Empty(t, w.objects(t, "genesys/dead/"))
}

// assertMinutes checks that there are those of each t metric, but of what is not to be there.
func assertMinutes(t *testing.T, w *world, sums map[string]string, missing func(key string) bool) {
	t.Helper()
	names := map[string]string{}
	for _, queue := range list(w.get(t, "/api/v2/routing/queues?pageSize=100")["entities"]) {
		names[text(queue, "id")] = text(queue, "name")
	}
	want := map[string]string{}
	for key, sum := range sums {
		parts := strings.Split(key, "|")
		if missing(key) || !strings.HasPrefix(parts[2], "t") {
			continue
		}
		ms, ok := new(big.Float).SetString(sum)
		require.True(t, ok)
		minutes, _ := ms.Float64()
		want[sumKey(parts[0], names[parts[1]], parts[2])] = asNumber(t, minutes/60000)
	}
	got := map[string]string{}
	for _, row := range lines(t, w.objects(t, "genesys/queue_minutes/")) {
		minutes, err := row["minutes"].(json.Number).Float64()
		require.NoError(t, err)
		got[sumKey(text(row, "interval_start"), text(row, "queue"), text(row, "metric"))] = asNumber(t, minutes)
	}
	assert.Equal(t, want, got)
	w.measured(t, "minutes", len(got))
}

func asNumber(t *testing.T, n float64) string {
	t.Helper()
	b, err := json.Marshal(n)
	require.NoError(t, err)
	return string(b)
}
