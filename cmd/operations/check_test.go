// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// elsewhere are metrics of Prometheus itself and of kube-state-metrics.
var elsewhere = []string{"up", "kube_job_status_failed"}

func alerts(t *testing.T) *rulefmt.RuleGroups {
	t.Helper()
	groups, errs := rulefmt.ParseFile(filepath.Join(root, folder, "alerts.yaml"), false, model.UTF8Validation,
		parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	require.Empty(t, errs)
	return groups
}

func board(t *testing.T) *dashboard {
	t.Helper()
	d, err := readDashboard(root)
	require.NoError(t, err)
	return d
}

func TestPromtoolFindsTheRulesRight(t *testing.T) {
	promtool, err := filepath.Abs(filepath.Join(root, "bin", "promtool"))
	require.NoError(t, err)
	for _, args := range [][]string{{"check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = filepath.Join(root, folder)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n(bin/promtool is built with make)", out)
	}
}

func TestEachAlertSaysWhatItIsAndWhatToDo(t *testing.T) {
	for _, group := range alerts(t).Groups {
		for _, rule := range group.Rules {
			assert.NotEmpty(t, rule.Alert)
			for _, name := range []string{"summary", "description", "action"} {
				assert.NotEmpty(t, rule.Annotations[name], "%s of %s", name, rule.Alert)
			}
			assert.Contains(t, []string{"warning", "critical"}, rule.Labels["severity"], rule.Alert)
		}
	}
}

func TestTheDashboardIsWhole(t *testing.T) {
	d := board(t)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		assert.False(t, ids[p.ID], "id %d is taken", p.ID)
		ids[p.ID] = true
		assert.NotEmpty(t, p.Description, p.Title)
		assert.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			assert.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
		}
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			assert.Less(t, x, columns, p.Title)
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				assert.Empty(t, taken[[2]int{x, y}], "%s lies on it", p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}

func TestEveryMetricThatIsNamedIsExported(t *testing.T) {
	exported := exported(t)
	p := parser.NewParser(parser.Options{})
	named := map[string]string{}
	note := func(where, expr string) {
		found, err := names(p, expr)
		require.NoError(t, err, where)
		require.NotEmpty(t, found, where)
		for _, name := range found {
			named[name] = where
		}
	}
	for _, panel := range board(t).Panels {
		for _, target := range panel.Targets {
			note("panel "+panel.Title, filled(target.Expr))
		}
	}
	for _, group := range alerts(t).Groups {
		for _, rule := range group.Rules {
			note("alert "+rule.Alert, rule.Expr)
		}
	}
	labelled := regexp.MustCompile(`^label_values\((\w+)`)
	for _, v := range board(t).Templating.List {
		if found := labelled.FindStringSubmatch(v.Definition); found != nil {
			named[found[1]] = "variable " + v.Name
		}
	}
	for name, where := range named {
		switch {
		case slices.Contains(elsewhere, name):
		default:
			assert.Contains(t, exported, name, "named in %s", where)
		}
	}
}

// exported are the names of what the distribution tells in good times and in bad.
func exported(t *testing.T) []string {
	t.Helper()
	shows := newTenant(t, "--bucket", "10", "--window", "1s", "--rate-headers", "x")
	throttles := newTenant(t, "--bucket", "10", "--window", "1s")
	nowhere, err := freeAddress()
	require.NoError(t, err)
	var found []string
	for name, pipeline := range map[string]string{
		"a tenant that shows its budget":          pipeline(shows, "demo-secret", ""),
		"a tenant that does not":                  pipeline(throttles, "demo-secret", ""),
		"a fatal error":                           pipeline(shows, "wrong", ""),
		"a cache and a board that cannot be used": pipeline(shows, "demo-secret", fmt.Sprintf(broken, filepath.Join(t.TempDir(), "none"), nowhere)),
	} {
		told := runToEnd(t, pipeline)
		require.NotEmpty(t, told, name)
		found = append(found, told...)
	}
	return found
}

func newTenant(t *testing.T, flags ...string) string {
	t.Helper()
	tenant, err := startTenant(t.Context(), root, t.TempDir(), flags...)
	require.NoError(t, err)
	t.Cleanup(tenant.stop)
	return tenant.url
}

// broken makes a pipeline keep its position and its holds where that does not work.
const broken = `
    checkpoint_cache: position
    rate_limit: tenant
cache_resources:
  - { label: position, file: { directory: "%s" } }
  - { label: board, redis: { url: "redis://%s" } }
rate_limit_resources:
  - { label: tenant, genesys_analytics: { cache: board } }
`

// pipeline exports an hour; more is what follows in the input's fields.
func pipeline(url, secret, more string) string {
	return fmt.Sprintf(`
input:
  genesys_analytics:
    api_url: %[1]s
    login_url: %[1]s
    client_id: demo-client
    client_secret: %[2]s
    endpoint: /api/v2/analytics/queues/summary
    start: 2026-11-22T00:00:00Z
    end: 2026-11-22T01:00:00Z
    fallback_pause: 100ms%[3]s
output: { drop: {} }
`, url, secret, more)
}

// longEnough is what a run gets; one whose position cannot be kept does not end by itself.
const longEnough = 5 * time.Second

// runToEnd runs a pipeline, and gives the names of the metrics that it wrote at the end.
func runToEnd(t *testing.T, config string) []string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "metrics")
	config += fmt.Sprintf("\nhttp: { enabled: false }\nmetrics: { prometheus: { file_output_path: %q } }\n", file)
	p, err := startPipeline(t.Context(), root, dir, config)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), longEnough)
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.stop()
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err, p.output)
	var found []string
	for _, line := range regexp.MustCompile(`(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)[{ ]`).FindAllSubmatch(text, -1) {
		found = append(found, string(line[1]))
	}
	slices.Sort(found)
	return slices.Compact(found)
}
