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
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const (
	origin   = "http://tenant.invalid" // never dialled: the tenant is in this process
	instant  = "2006-01-02T15:04:05.000Z"
	pageSize = "100"

	clientID     = "reference-client"
	clientSecret = "reference-secret"
)

// Expected is what the bucket has to hold: what a tenant with the same data and no limits
// serves. Each interval fits one page.
func Expected(ctx context.Context, seed uint64, span Span) (map[string][]byte, error) {
	ref, err := newReference(ctx, seed)
	if err != nil {
		return nil, err
	}
	want := make(map[string][]byte, span.Count())
	err = span.intervals(func(start, end time.Time) error {
		body, err := ref.page(ctx, start, end)
		want[key(start, end)] = body
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

func (r *reference) page(ctx context.Context, start, end time.Time) ([]byte, error) {
	query := url.Values{
		"interval":   {start.UTC().Format(instant) + "/" + end.UTC().Format(instant)},
		"pageSize":   {pageSize},
		"pageNumber": {"1"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		origin+"/api/v2/analytics/queues/summary?"+query.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("asking the reference tenant: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	body, err := r.do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the reference tenant: %w", err)
	}
	return body, onePage(body)
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
