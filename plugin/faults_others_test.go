// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

type simulatorConfig = simulator.Config

// otherRows spoil what is not a page: the token, a job's submission and its
// polls, its watermark, a rate limit of somebody else's.
func otherRows() (rows []row) {
	for _, e := range endpoints {
		if !e.core {
			continue
		}
		kinds := []string{}
		if e.paging != "job" {
			kinds = append(kinds, askToken)
		}
		if e.paging == "job" {
			kinds = append(kinds, askToken, askSubmit, askPoll)
		}
		if e.lags {
			kinds = append(kinds, askAvailability)
		}
		for _, kind := range kinds {
			rows = append(rows, kindRows(e, kind)...)
		}
	}
	return append(rows, rateLimitRows()...)
}

func kindRows(e endpoint, kind string) (rows []row) {
	for _, f := range allFaults() {
		if f.pageful {
			continue
		}
		for _, persistent := range []bool{false, true} {
			a := aim{kind: kind, persistent: persistent}
			if kind == askSubmit || kind == askPoll {
				a.interval = hour(1)
			}
			r := row{endpoint: e, fault: f, aim: a, tenant: tenantConfig(), want: f.expect(persistent)}
			if persistent {
				r.want = wantRefusal // none of these can be taken for an answer
			}
			rows = append(rows, r.variants(kind, len(rows))...)
		}
	}
	return rows
}

// stumbling is a rate limit of somebody else's whose server closes connections,
// as the stock redis one reports it.
type stumbling struct {
	left int // stumbles to come; negative: for ever
	skip int
}

func (s *stumbling) Access(context.Context) (time.Duration, error) {
	if s.skip--; s.skip >= 0 || s.left == 0 {
		return 0, nil
	}
	s.left--
	return 0, io.EOF
}

func (*stumbling) Close(context.Context) error { return nil }

func init() {
	spec := service.NewConfigSpec().Fields(service.NewIntField("stumbles"), service.NewIntField("after"))
	service.MustRegisterRateLimit("stumbling", spec, func(conf *service.ParsedConfig, _ *service.Resources) (service.RateLimit, error) {
		stumbles, err := conf.FieldInt("stumbles")
		if err != nil {
			return nil, err
		}
		after, err := conf.FieldInt("after")
		return &stumbling{left: stumbles, skip: after}, err
	})
}

func rateLimitRows() (rows []row) {
	for _, e := range endpoints {
		if !e.core {
			continue
		}
		for where, lines := range map[string]string{"at first": "after: 0", "later": "after: 3"} {
			for _, persistent := range []bool{false, true} {
				stumbles := "stumbles: 1"
				if persistent {
					stumbles = "stumbles: -1"
				}
				r := row{
					endpoint: e, tenant: tenantConfig(), aim: aim{persistent: persistent},
					fault:     fault{name: "a rate limit that closes the connection", mends: true, spoil: nil},
					resources: "rate_limit_resources:\n  - label: theirs\n    stumbling:\n      " + stumbles + "\n      " + lines,
					lines:     []string{"rate_limit: theirs"},
				}
				r.want = r.fault.expect(persistent)
				rows = append(rows, r.variants(where, 0)...)
			}
		}
	}
	slices.SortFunc(rows, compareNames)
	return rows
}

func compareNames(a, b row) int {
	if a.name < b.name {
		return -1
	}
	return 1
}
