// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/tsdb"
)

// store keeps what was scraped, and answers the dashboard's queries as Prometheus would.
type store struct {
	db     *tsdb.DB
	engine *promql.Engine
	parser parser.Parser
}

func newStore(dir string) (*store, error) {
	db, err := tsdb.Open(dir, promslog.NewNopLogger(), nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	p := parser.NewParser(parser.Options{})
	return &store{db: db, parser: p, engine: promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1_000_000, Timeout: time.Minute, LookbackDelta: lookback, Parser: p,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Second.Milliseconds() },
	})}, nil
}

// lookback is how long a sample counts: some scrapes, as Prometheus' five minutes are.
const lookback = 5 * time.Second

func (s *store) Close() error { return s.db.Close() }

// add keeps one scrape of a job.
func (s *store) add(ctx context.Context, at time.Time, job string, scrape []byte) error {
	p, err := textparse.New(scrape, "text/plain", nil, textparse.ParserOptions{})
	if err != nil {
		return fmt.Errorf("reading a scrape: %w", err)
	}
	app := s.db.Appender(ctx)
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return app.Commit()
		}
		if err != nil {
			return errors.Join(fmt.Errorf("reading a scrape: %w", err), app.Rollback())
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var found labels.Labels
		p.Labels(&found)
		_, _, value := p.Series()
		series := labels.NewBuilder(found).Set("job", job).Labels()
		if _, err := app.Append(0, series, at.UnixMilli(), value); err != nil {
			return errors.Join(fmt.Errorf("keeping %s: %w", series, err), app.Rollback())
		}
	}
}

// query evaluates an expression over a span.
func (s *store) query(ctx context.Context, expr string, from, to time.Time, step time.Duration) (promql.Matrix, error) {
	q, err := s.engine.NewRangeQuery(ctx, s.db, nil, expr, from, to, step)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", expr, err)
	}
	// Not closed: that would take the points back.
	result := q.Exec(ctx)
	if result.Err != nil {
		return nil, fmt.Errorf("evaluating %s: %w", expr, result.Err)
	}
	return result.Matrix()
}

// names are the metrics that an expression reads.
func names(p parser.Parser, expr string) ([]string, error) {
	parsed, err := p.ParseExpr(expr)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", expr, err)
	}
	var found []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			found = append(found, selector.Name)
		}
		return nil
	})
	return found, nil
}
