// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scripted is a service of which nothing is known: for each interval it gives the
// pages of a script. A token is the number of the page that it leads to.
type scripted struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int // how often, by page
}

func script(t *testing.T, pages ...string) *scripted {
	t.Helper()
	s := &scripted{asked: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer","expires_in":86400}`)
			return
		}
		n := 1
		for _, name := range []string{"pageNumber", "cursor", "after"} {
			if v := r.URL.Query().Get(name); v != "" {
				_, _ = fmt.Sscan(v, &n)
			}
		}
		s.mu.Lock()
		s.asked[fmt.Sprintf("%s %d", r.URL.Query().Get("interval"), n)]++
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if n > len(pages) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, pages[n-1])
	}))
	t.Cleanup(s.Close)
	return s
}

// TestThePagesOfAnUnknownEndpointAreAllRead: the first array of a body need not
// be its list, and what leads on may be written in more than one way.
func TestThePagesOfAnUnknownEndpointAreAllRead(t *testing.T) {
	const facets = `{"facets":[],"results":[%d,2,3],"pageCount":3}`
	const errors = `{"errors":[],"entities":[{"id":%d},{"id":2}]%s}`
	for name, test := range map[string]struct {
		paging string
		pages  []string
	}{
		"an empty array before the list": {"query", []string{fmt.Sprintf(facets, 1), fmt.Sprintf(facets, 11), fmt.Sprintf(facets, 21)}},
		"a short array before the list": {"query", []string{
			`{"sorting":["id"],"results":[1,2,3],"pageCount":2}`, `{"sorting":["id"],"results":[4],"pageCount":2}`,
		}},
		"no errors, and a cursor": {"cursor", []string{
			fmt.Sprintf(errors, 1, `,"cursor":"2"`), fmt.Sprintf(errors, 11, `,"cursor":"3"`), fmt.Sprintf(errors, 21, ""),
		}},
		"a cursor that is a number": {"cursor", []string{
			fmt.Sprintf(errors, 1, `,"cursor":2`), fmt.Sprintf(errors, 11, `,"cursor":3`), fmt.Sprintf(errors, 21, ""),
		}},
		"a cursor that is null at the end": {"cursor", []string{
			fmt.Sprintf(errors, 1, `,"cursor":"2"`), fmt.Sprintf(errors, 11, `,"cursor":null`),
		}},
		"an after that is a number": {"after", []string{
			fmt.Sprintf(errors, 1, `,"after":2`), fmt.Sprintf(errors, 11, `,"after":3`), fmt.Sprintf(errors, 21, ""),
		}},
		"a page count with a fraction": {"query", []string{
			`{"entities":[1,2,3],"pageCount":2.0}`, `{"entities":[4],"pageCount":2.0}`,
		}},
		"a page count that is a text": {"query", []string{
			`{"entities":[1,2,3],"pageCount":"2"}`, `{"entities":[4],"pageCount":"2"}`,
		}},
		"a page count as a power of ten": {"query", []string{
			`{"entities":[1,2,3],"pageCount":2e0}`, `{"entities":[4],"pageCount":2E+0}`,
		}},
		"a page count of null": {"query", []string{`{"entities":[1,2],"pageCount":null,"total":2}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := script(t, test.pages...)
			config := pipeline(folder, unknownInput(s.URL, test.paging))
			p := launch(t, strings.Replace(config, toFiles(folder), andFlags(folder), 1))
			code := p.wait(patient)
			pages := pagesIn(t, folder)
			if strings.Contains(name, "number") || strings.Contains(name, "page count") {
				if code == 1 { // refused by name is as good
					assert.True(t, p.says("error", "cursor", "after", "pageCount"), "it says which")
					assert.True(t, p.says("error", "2025-03-04T10:00:00"), "and names the interval")
					return
				}
			}
			require.Zero(t, code)
			assert.Len(t, pages, len(test.pages))
			for n, want := range test.pages {
				assert.Equal(t, want, pages[fmt.Sprintf("beyond-things/2025/03/04/100000Z-110000Z/p%04d", n+1)])
			}
			last := lastPages(t, folder)
			assert.Equal(t, []string{fmt.Sprintf("beyond-things/2025/03/04/100000Z-110000Z/p%04d", len(test.pages))}, last)
		})
	}
}

// TestAnAnnouncedPageThatIsNoneIsAnError, and never an end. Where nothing is known
// of the endpoint it may leave as it is, too, if what follows does.
func TestAnAnnouncedPageThatIsNoneIsAnError(t *testing.T) {
	for name, second := range map[string]string{
		"null": "null", "true": "true", "a text": `"later"`, "an empty list": `{"entities":[]}`,
		"an error": `{"message":"unwell","code":"internal.server.error","status":500}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := script(t, `{"entities":[1,2,3],"pageCount":3}`, second, `{"entities":[7],"pageCount":3}`)
			p := launch(t, pipeline(folder, unknownInput(s.URL, "query")+"\ngive_up_after: 500ms"))
			if p.wait(patient) == 0 {
				pages := pagesIn(t, folder)
				assert.Len(t, pages, 3)
				assert.Equal(t, second, pages["beyond-things/2025/03/04/100000Z-110000Z/p0002"])
				assert.Contains(t, pages["beyond-things/2025/03/04/100000Z-110000Z/p0003"], "7")
				return
			}
			assert.True(t, p.says("error", "2025-03-04T10:00:00"), "it names the interval")
			s.mu.Lock()
			defer s.mu.Unlock()
			assert.Greater(t, s.asked[hour(0)+" 2"], 1, "after one more try")
		})
	}
}

// TestAContradictionIsNamed on both sides.
func TestAContradictionIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		pages []string
		says  []string
	}{
		"fewer pages than announced": {[]string{`{"entities":[1,2,3],"pageCount":3}`, `{"entities":[],"pageCount":3}`}, []string{"pageCount", "3", "page 2"}},
		"a total and no list":        {[]string{`{"total":5}`}, []string{"total is 5", "page 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := script(t, test.pages...)
			input := strings.Replace(unknownInput(s.URL, "query"), "/api/v2/beyond/things", summaryEndpoint.path, 1)
			p := launch(t, pipeline(folder, input+"\ngive_up_after: 500ms"))
			assert.Equal(t, 1, p.wait(patient))
			for _, word := range test.says {
				assert.True(t, p.says("error", word), word)
			}
		})
	}
}

func unknownInput(origin, paging string) string {
	return strings.Join([]string{
		"client_id: demo-client", "client_secret: demo-secret", "api_url: " + origin, "login_url: " + origin, "fallback_pause: 2ms",
		"endpoint: /api/v2/beyond/things", "method: GET", "paging: " + paging, "page_size: 3", "dataset: beyond-things",
		"start: 2025-03-04T10:00:00Z", "end: 2025-03-04T11:00:00Z", "interval: PT1H",
	}, "\n")
}

// andFlags writes each page, and beside it whether it says that it is the last.
func andFlags(folder string) string {
	file := func(folder, processors string) string {
		return "      - file:\n          path: '" + folder + "/objects/${! @genesys_key }.json'\n          codec: all-bytes\n" + processors
	}
	return "output:\n  broker:\n    pattern: fan_out\n    outputs:\n" + file(folder, "") +
		file(folder+"/last", "        processors: [ { mapping: 'root = @genesys_last_page' } ]\n")
}

// lastPages are the keys of the pages that say that they are the last.
func lastPages(t *testing.T, folder string) (keys []string) {
	t.Helper()
	for key, body := range objectsIn(t, folder+"/last") {
		var last bool
		require.NoError(t, json.Unmarshal([]byte(body), &last))
		if last {
			keys = append(keys, key)
		}
	}
	return keys
}
