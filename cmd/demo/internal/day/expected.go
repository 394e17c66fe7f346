// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package day

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const (
	origin  = "http://tenant.invalid" // never dialled: the tenant is in this process
	instant = "2006-01-02T15:04:05.000Z"

	clientID     = "reference-client"
	clientSecret = "reference-secret"
)

// Data is what can be exported.
type Data struct {
	// Dataset is the first part of a key.
	Dataset string
	// Path is where the tenant serves it, and PageSize how many entries of a page are asked for.
	Path     string
	PageSize int

	pages bool // an interval may have several, which are asked for in a body
}

// QueueSummaries fit one page.
var QueueSummaries = Data{Dataset: "queues-summary", Path: "/api/v2/analytics/queues/summary", PageSize: 100}

// Conversations are pages of some conversations each.
func Conversations(pageSize int) Data {
	return Data{
		Dataset: "conversations-details-query", Path: "/api/v2/analytics/conversations/details/query",
		PageSize: pageSize, pages: true,
	}
}

// Expected is what the bucket has to hold of queue summaries.
func Expected(ctx context.Context, seed uint64, span Span) (map[string][]byte, error) {
	return QueueSummaries.Expected(ctx, seed, span)
}

// Expected is what the bucket has to hold: what a tenant with the same data and no limits serves.
func (d Data) Expected(ctx context.Context, seed uint64, span Span) (map[string][]byte, error) {
	ref, err := newReference(ctx, seed)
	if err != nil {
		return nil, err
	}
	want := make(map[string][]byte, span.Count())
	err = span.intervals(func(start, end time.Time) error {
		if d.pages {
			return ref.pages(ctx, d, start, end, want)
		}
		body, err := ref.page(ctx, d, start, end)
		want[d.Key(start, end, 1)] = body
		return err
	})
	return want, err
}

type reference struct {
	client *http.Client
	token  string
}

func newReference(ctx context.Context, seed uint64) (*reference, error) {
	tenant, err := simulator.New(simulator.Config{
		Seed: seed, ClientID: clientID, ClientSecret: clientSecret,
	})
	if err != nil {
		return nil, fmt.Errorf("making the reference tenant: %w", err)
	}
	r := &reference{client: &http.Client{Transport: tenant.Transport()}}
	return r, r.login(ctx)
}

func (r *reference) login(ctx context.Context) error {
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, origin+"/oauth/token", form)
	if err != nil {
		return fmt.Errorf("logging in to the reference tenant: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(clientID, clientSecret)
	body, err := r.do(req)
	if err != nil {
		return fmt.Errorf("logging in to the reference tenant: %w", err)
	}
	var grant struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &grant); err != nil {
		return fmt.Errorf("logging in to the reference tenant: %w", err)
	}
	r.token = grant.AccessToken
	return nil
}

func (r *reference) page(ctx context.Context, d Data, start, end time.Time) ([]byte, error) {
	query := url.Values{
		"interval":   {start.UTC().Format(instant) + "/" + end.UTC().Format(instant)},
		"pageSize":   {strconv.Itoa(d.PageSize)},
		"pageNumber": {"1"},
	}
	body, err := r.ask(ctx, http.MethodGet, d.Path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return body, onePage(body)
}

// pages adds all of an interval: those that have entries, and the first in any case.
func (r *reference) pages(ctx context.Context, d Data, start, end time.Time, want map[string][]byte) error {
	for number := 1; ; number++ {
		body, err := r.ask(ctx, http.MethodPost, d.Path, fmt.Appendf(nil,
			`{"interval":"%s/%s","paging":{"pageSize":%d,"pageNumber":%d}}`,
			start.UTC().Format(instant), end.UTC().Format(instant), d.PageSize, number))
		if err != nil {
			return err
		}
		n, err := Records(body)
		if err != nil || n == 0 && number > 1 {
			return err
		}
		want[d.Key(start, end, number)] = body
	}
}

// Records is how many entries a page has: those of its one list.
func Records(body []byte) (n int, err error) {
	var page struct{ Entities, Conversations []json.RawMessage }
	if err := json.Unmarshal(body, &page); err != nil {
		return 0, fmt.Errorf("reading a page: %w", err)
	}
	return len(page.Entities) + len(page.Conversations), nil
}

func (r *reference) ask(ctx context.Context, method, uri string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, origin+uri, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("asking the reference tenant: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("Content-Type", "application/json")
	answer, err := r.do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the reference tenant: %w", err)
	}
	return answer, nil
}

// onePage guards the assumption that this package stands on.
func onePage(body []byte) error {
	var page struct {
		PageCount int `json:"pageCount"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return fmt.Errorf("reading the reference tenant's page: %w", err)
	}
	if page.PageCount > 1 {
		return fmt.Errorf("reading the reference tenant's page: it has %d pages, want 1", page.PageCount)
	}
	return nil
}

func (r *reference) do(req *http.Request) ([]byte, error) {
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s: %s", res.Status, bytes.TrimSpace(body))
	}
	return body, nil
}
