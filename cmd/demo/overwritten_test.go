// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/rig"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const conversationJobs = "/api/v2/analytics/conversations/details/jobs"

// TestASlowUploadDoesNotReplaceALaterOneOfItsKey: the first job of an interval is lost after
// two pages, while the upload of its first page is slow and seven others may go beside it. What
// the second job has under that key must stay: its pages name its own results, and those of two
// jobs make no whole.
func TestASlowUploadDoesNotReplaceALaterOneOfItsKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	from := newJobTenant(t)
	front := newSlowUpload(t, r.Storage.URL, "p0001.json", from.begunAgain)
	p := run(t, r, rig.Job{
		Tenant: &rig.Tenant{URL: from.url},
		Start:  kstDay.Start.Format(time.RFC3339),
		End:    kstDay.Start.Add(time.Hour).Format(time.RFC3339),
		File:   exportOfJobs(t),
		Set:    []string{"output.aws_s3.endpoint=" + front.url, "output.aws_s3.max_in_flight=8"},
	})
	require.Zero(t, exit(t, p, waitLimit), p.Tail())

	first, second := from.job(1), from.job(2)
	require.Len(t, first, 2)
	require.Greater(t, len(second), 2)
	assert.NotEqual(t, first[0], second[0])
	assert.Equal(t, int32(2), front.uploads.Load())
	assert.False(t, front.overtaken.Load(), "the second copy was sent while the first was on its way")
	got := objects(t, r)
	keys := slices.Sorted(maps.Keys(got))
	require.Len(t, keys, len(second))
	for i, key := range keys {
		assert.Equal(t, string(second[i]), string(got[key]), key)
	}
}

// exportOfJobs is the daily export with the conversations of each hour, in pages of five.
func exportOfJobs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), rig.DailyExport))
	require.NoError(t, err)
	changed := string(text)
	for old, now := range map[string]string{
		"    endpoint: /api/v2/analytics/queues/summary\n": "    endpoint: " + conversationJobs + "\n    page_size: 5\n",
		"    interval: PT5M\n":                             "    interval: PT1H\n",
		"this.entities.or([])":                             "this.conversations.or([])",
	} {
		require.Contains(t, changed, old)
		changed = strings.Replace(changed, old, now, 1)
	}
	file := filepath.Join(t.TempDir(), "jobs.yaml")
	require.NoError(t, os.WriteFile(file, []byte(changed), 0o600))
	return file
}

// jobTenant keeps what each of its jobs has served. The first is lost after two pages.
type jobTenant struct {
	url        string
	begunAgain chan struct{} // closed once the second job has served a page

	mu    sync.Mutex // guards all below
	ids   []string   // of the jobs, in the order in which they were read
	pages map[string][][]byte
}

func newJobTenant(t *testing.T) *jobTenant {
	t.Helper()
	sim, err := simulator.New(simulator.Config{
		Seed: seed, ClientID: rig.ClientID, ClientSecret: rig.ClientSecret, Queues: 3, Conversations: 1000, JobPolls: -1, ExpireJobsAfter: 2,
	})
	require.NoError(t, err)
	j := &jobTenant{begunAgain: make(chan struct{}), pages: map[string][][]byte{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, isResult := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, conversationJobs+"/"), "/results")
		if !isResult {
			sim.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		rec := httptest.NewRecorder()
		sim.ServeHTTP(rec, r)
		if rec.Code == http.StatusOK {
			j.serves(id, rec.Body.Bytes())
		}
		maps.Copy(w.Header(), rec.Header())
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	j.url = server.URL
	return j
}

func (j *jobTenant) serves(id string, page []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !slices.Contains(j.ids, id) {
		if j.ids = append(j.ids, id); len(j.ids) == 2 {
			close(j.begunAgain)
		}
	}
	j.pages[id] = append(j.pages[id], page)
}

// job is what the n-th job has served, from 1 on.
func (j *jobTenant) job(n int) [][]byte {
	j.mu.Lock()
	defer j.mu.Unlock()
	if n > len(j.ids) {
		return nil
	}
	return j.pages[j.ids[n-1]]
}

// slowUpload stands in front of an S3 server. The first upload of a key waits there until
// another one of it has been answered, or could have been.
type slowUpload struct {
	url       string
	uploads   atomic.Int32
	overtaken atomic.Bool
}

// couldHaveBeen is how long a second upload has, once its page was served.
const couldHaveBeen = time.Second

func newSlowUpload(t *testing.T, storage, key string, served <-chan struct{}) *slowUpload {
	t.Helper()
	behind, err := url.Parse(storage)
	require.NoError(t, err)
	// The signature names the host that the client sees.
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(behind); r.Out.Host = r.In.Host },
		Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	}
	s, second := &slowUpload{}, make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.URL.Path, key) {
			proxy.ServeHTTP(w, r)
			return
		}
		n := s.uploads.Add(1)
		if n == 1 {
			s.overtaken.Store(isOvertaken(r, served, second))
		}
		proxy.ServeHTTP(w, r)
		if n == 2 {
			close(second)
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func isOvertaken(r *http.Request, served, second <-chan struct{}) bool {
	select {
	case <-served:
	case <-r.Context().Done():
		return false
	}
	select {
	case <-second:
		return true
	case <-time.After(couldHaveBeen):
	case <-r.Context().Done():
	}
	return false
}
