// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
)

// toldWell reports whether an error may stand in a log line: short, of one line, and
// without the secret.
func toldWell(err error) bool {
	text := err.Error()
	return len(text) < 4*maxText && !strings.Contains(text, secret) && !strings.ContainsFunc(text, unicode.IsControl)
}

// status makes one of any number that is no throttle, since nobody waits here.
func status(n uint16) int {
	code := 200 + int(n)%400
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		return http.StatusInternalServerError
	}
	return code
}

// FuzzAnswer has a tenant answer every request of a reading alike, be it for a page, a
// job's state or a watermark: nothing panics, a page is a whole JSON document as it
// came, and an error may be told.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"entities":[{"id":1}],"pageCount":1,"total":1,"nextUri":"/api/v2/x?pageNumber=2&after=b"}`,
		`{"conversations":[{}],"totalHits":300,"cursor":"a","after":7}`,
		`{"results":[],"cursor":null}`,
		`{"jobId":"4c1e","state":"FULFILLED","errorMessage":"` + secret + `"}`,
		`{"jobId":"../x","state":"FAILED"}`,
		`{"dataAvailabilityDate":"2026-11-21T15:00:00.000Z"}`,
		`{"message":"no \u001b[31m ` + secret + `","code":"bad.request"}`,
		"<html>\n" + secret, `[1,2]`, `null`, ``,
	} {
		f.Add(uint16(0), []byte(body))
		f.Add(uint16(200), []byte(body))
	}
	f.Add(uint16(102), []byte(`Location: https://elsewhere.example/`))
	paths := []string{
		summaryPath, detailsPath, "/api/v2/analytics/conversations/aggregates/query",
		"/api/v2/analytics/botflows/4c1e/sessions", "/api/v2/analytics/conversations/details/jobs",
	}
	f.Fuzz(func(t *testing.T, n uint16, body []byte) {
		for _, path := range paths {
			ctx, cancel := context.WithCancel(t.Context())
			requests := 0
			tenant := &fake{api: func(w http.ResponseWriter, _ *http.Request) {
				if requests++; requests == 8 { // a job that goes on, or pages that do
					cancel()
				}
				w.WriteHeader(status(n))
				_, _ = w.Write(body)
			}}
			c, q := tenant.client(t, func(c *Config) { c.PollPause = 1 }), known(t, path)
			err := c.Source(q, someDay, nil).Read(ctx, Cursor{}, func(page Page) error {
				if !json.Valid(page.Body) || string(page.Body) != string(body) || page.Next.Check() != nil || page.Records < 0 {
					t.Fatalf("%s: page %d of %d records is %q, and %+v follows", path, page.Number, page.Records, page.Body, page.Next)
				}
				return nil
			})
			cancel()
			if err != nil && !toldWell(err) {
				t.Fatalf("%s: %q", path, err)
			}
			if q.Endpoint.HasWatermark {
				if until, err := c.Available(t.Context(), q); err == nil && until.IsZero() && !strings.Contains(string(body), "0001-01-01") || err != nil && !toldWell(err) {
					t.Fatalf("available until %s, %v", until, err)
				}
			}
			c.CloseIdleConnections()
		}
	})
}

// FuzzToken: whatever a token endpoint answers, it is a token that can be sent and is
// not over, or an error that may be told.
func FuzzToken(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"t","token_type":"bearer","expires_in":86400}`,
		`{"access_token":"t","expires_in":"0"}`, `{"access_token":"t","expires_in":1e300}`, `{"access_token":"","expires_in":1}`,
		`{"error":"invalid_client","description":"` + secret + `","error_description":"\r\n"}`, "access_token=t&expires_in=9", ``,
	} {
		f.Add(uint16(0), "application/json", []byte(body))
		f.Add(uint16(200), "application/x-www-form-urlencoded", []byte(body))
	}
	f.Fuzz(func(t *testing.T, n uint16, kind string, body []byte) {
		login := &fake{token: func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{kind}
			w.WriteHeader(status(n))
			_, _ = w.Write(body)
		}}
		token, err := login.client(t).tokens.get(t.Context())
		switch {
		case err != nil && !toldWell(err):
			t.Fatalf("%q", err)
		case err == nil && (strings.HasSuffix(token.authorization[0], " ") || !time.Now().Before(token.usableUntil)):
			t.Fatalf("%q until %s", token.authorization, token.usableUntil)
		}
	})
}

// FuzzOrigin: what is taken for an origin is a host that a secret may be sent to.
func FuzzOrigin(f *testing.F) {
	for _, s := range []string{
		"https://api.mypurecloud.com", "https://api.example:443/", "http://127.0.0.1:8085", "http://[::1]", "http://localhost.example",
		"https://u:p@h", "HTTPS://h", "https://h?x", "https://h#", "//h", "http://127.0.0.1@evil.example",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseOrigin(s)
		if err != nil {
			return
		}
		again, err := ParseOrigin(u.String())
		if err != nil || *again != *u {
			t.Fatalf("%q is %q, which is %v, %v", s, u, again, err)
		}
		if u.Scheme != "https" && !loopback(u.Hostname()) || u.User != nil || u.Path+u.RawQuery+u.Fragment != "" || u.Hostname() == "" {
			t.Fatalf("%q is %+v", s, u)
		}
	})
}

// FuzzPath: what is taken for the path of an endpoint is asked for as it is written,
// and names its data by a word that can stand in a key.
func FuzzPath(f *testing.F) {
	for _, s := range []string{summaryPath, "/api/v2/a/../b", "/api/v2/%2e%2e/x", "/api/v2/a//b", "/api/v2/~", "/api/v2/.", "/api/v2/a?b#c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if CheckPath(path) != nil {
			return
		}
		origin := mustURL(t, "https://api.test")
		if u := origin.JoinPath(path); u.String() != "https://api.test"+path || !IsSegment(Slug(path)) {
			t.Fatalf("%q is asked for as %q, and kept as %q", path, u, Slug(path))
		}
	})
}
