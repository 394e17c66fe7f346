// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	agentStatus        = "config/agent_status/agent_status.yaml"
	agentStatusHistory = "config/agent_status/agent_status_history.yaml"
	userAggregates     = "/api/v2/analytics/users/aggregates/query"
	userDetails        = "/api/v2/analytics/users/details/query"
	// Of 60 queues there are 240 users: a query of all of them is refused.
	manyUsers = "--queues=60"
)

// spent is who spent how many seconds in which status, by user, start, metric and status.
type spent map[string]*big.Rat

func (s spent) add(t *testing.T, user, start, metric, status string, seconds *big.Rat) {
	t.Helper()
	key := strings.Join([]string{user, start, metric, status}, " ")
	_, twice := s[key]
	require.False(t, twice, "%s comes twice", key)
	s[key] = seconds
}

// equal compares to the last digit.
func (s spent) equal(t *testing.T, got spent) {
	t.Helper()
	require.Equal(t, slices.Sorted(maps.Keys(s)), slices.Sorted(maps.Keys(got)))
	for key, seconds := range s {
		require.Zero(t, seconds.Cmp(got[key]), key)
	}
}

// TestAgentStatus: killed in the middle and run again, each user's seconds are there, once, as
// the tenant says.
func TestAgentStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t, manyUsers, "--latency=250ms")
	env := []string{"EXPORT_START=2026-11-20", "EXPORT_END=2026-11-22", "S3_PREFIX=genesys/", "THREADS=1"}
	first := w.start(t, agentStatus, env...)
	require.NoError(t, first.Until(t.Context(), patience, "a group in S3", func(context.Context) (bool, error) {
		return len(w.objects(t, "genesys/agent_status/")) > 0, nil
	}))
	first.Kill()
	w.Forget(first.Process)
	require.Less(t, len(w.objects(t, "genesys/agent_status/")), 6, "it was killed in the middle")
	status, log := w.toEnd(t, agentStatus, env...)
	require.Zero(t, status, log)

	var files []string
	for day, at := range map[string]string{"20": "2026-11-19-150000Z-20261120T150000Z", "21": "2026-11-20-150000Z-20261121T150000Z"} {
		for group := range 3 {
			files = append(files, fmt.Sprintf("genesys/agent_status/year=2026/month=11/day=%s/agent_status-%s-p0001-g%04d.parquet", day, at, group+1))
		}
	}
	got := w.objects(t, "genesys/")
	assert.Equal(t, slices.Sorted(slices.Values(files)), slices.Sorted(maps.Keys(got)))
	statusSums(t, w).equal(t, statusRows(t, got))
}

// TestAgentStatusWaitsAtOneGate: the list of users and the queries, four at once.
func TestAgentStatusWaitsAtOneGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, manyUsers, "--bucket=5", "--window=1s", "--penalty")
	status, log := w.toEnd(t, agentStatus, "EXPORT_START=2026-11-20", "EXPORT_END=2026-11-22", "THREADS=4")
	require.Zero(t, status, log)
	assert.Len(t, w.objects(t, "agent_status/year=2026/month=11/"), 6)
	report, err := w.tenant.Report(t.Context())
	require.NoError(t, err)
	assert.Positive(t, report.Throttled)
	assert.Zero(t, report.EarlyRequests, "not one request came in a hold")
}

// statusSums is what the tenant says of two days in Seoul, of a hundred users at a time.
func statusSums(t *testing.T, w *world) spent {
	t.Helper()
	var ids []string
	for page := 1; page <= 3; page++ {
		for _, user := range list(w.get(t, fmt.Sprintf("/api/v2/users?state=any&pageSize=100&pageNumber=%d", page))["entities"]) {
			ids = append(ids, user["id"].(string))
		}
	}
	require.Len(t, ids, 240)
	query := func(interval string, ids []string) string {
		var predicates []map[string]string
		for _, id := range ids {
			predicates = append(predicates, map[string]string{"dimension": "userId", "value": id})
		}
		text, err := json.Marshal(map[string]any{
			"interval": interval, "granularity": "PT30M", "timeZone": "Asia/Seoul", "groupBy": []string{"userId"},
			"metrics": []string{"tAgentRoutingStatus", "tSystemPresence"},
			"filter":  map[string]any{"type": "or", "predicates": predicates},
		})
		require.NoError(t, err)
		return string(text)
	}
	sums := spent{}
	for _, interval := range []string{"2026-11-19T15:00:00Z/2026-11-20T15:00:00Z", "2026-11-20T15:00:00Z/2026-11-21T15:00:00Z"} {
		assert.Equal(t, http.StatusBadRequest, w.refused(t, userAggregates, query(interval, ids[:101])), "the fan-out is needed")
		for group := range slices.Chunk(ids, 100) {
			for _, result := range list(w.post(t, userAggregates, query(interval, group))["results"]) {
				user := result["group"].(map[string]any)["userId"].(string)
				for _, bucket := range list(result["data"]) {
					start, _, _ := strings.Cut(bucket["interval"].(string), "/")
					for _, m := range list(bucket["metrics"]) {
						millis, ok := new(big.Rat).SetString(m["stats"].(map[string]any)["sum"].(json.Number).String())
						require.True(t, ok)
						sums.add(t, user, start, m["metric"].(string), m["qualifier"].(string), millis.Quo(millis, big.NewRat(1000, 1)))
					}
				}
			}
		}
	}
	require.NotEmpty(t, sums)
	return sums
}

// TestAgentStatusEndsWithoutItsPermission, which the list of users does not need.
func TestAgentStatusEndsWithoutItsPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, manyUsers, "--deny-permission=analytics:userAggregate:view")
	status, log := w.toEnd(t, agentStatus, "EXPORT_START=2026-11-20", "EXPORT_END=2026-11-22")
	assert.Equal(t, 1, status)
	assert.Contains(t, log, "agent status: ")
	assert.Contains(t, log, "analytics:userAggregate:view")
	assert.Empty(t, w.objects(t, ""))
}

// TestAgentStatusHistory: each span of each user and day, as the tenant says.
func TestAgentStatusHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, manyUsers)
	status, log := w.toEnd(t, agentStatusHistory, "EXPORT_START=2026-11-20", "EXPORT_END=2026-11-22", "S3_PREFIX=genesys/")
	require.Zero(t, status, log)
	want := spent{}
	for _, interval := range []string{"2026-11-20T00:00:00Z/2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z/2026-11-22T00:00:00Z"} {
		for page := 1; page <= 3; page++ {
			query := fmt.Sprintf(`{"interval":%q,"paging":{"pageSize":100,"pageNumber":%d}}`, interval, page)
			for _, user := range list(w.post(t, userDetails, query)["userDetails"]) {
				for _, span := range list(user["primaryPresence"]) {
					want.add(t, user["userId"].(string), span["startTime"].(string), "tSystemPresence", span["systemPresence"].(string), lasted(t, span))
				}
				for _, span := range list(user["routingStatus"]) {
					want.add(t, user["userId"].(string), span["startTime"].(string), "tAgentRoutingStatus", span["routingStatus"].(string), lasted(t, span))
				}
			}
		}
	}
	require.Len(t, want, 2*240*6)
	got := w.objects(t, "genesys/agent_status_history/year=2026/month=11/day=2")
	require.Len(t, got, 2*3)
	want.equal(t, statusRows(t, got))
}

func lasted(t *testing.T, span map[string]any) *big.Rat {
	t.Helper()
	var at [2]time.Time
	for i, name := range []string{"startTime", "endTime"} {
		var err error
		at[i], err = time.Parse(time.RFC3339, span[name].(string))
		require.NoError(t, err)
	}
	return big.NewRat(at[1].Sub(at[0]).Milliseconds(), 1000)
}

// statusRows reads the rows of files of the table agent_status.
func statusRows(t *testing.T, files map[string][]byte) spent {
	t.Helper()
	all := spent{}
	for key, body := range files {
		file, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
		require.NoError(t, err, key)
		assert.Equal(t, "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)", file.Root().Column("interval_start").Type().LogicalType().String())
		assert.Equal(t, "DECIMAL(38,18)", file.Root().Column("seconds").Type().LogicalType().String())
		of := map[string]string{}
		for row := range rowsOf(t, file) {
			page := string(row["genesys_key"].ByteArray())
			assert.Contains(t, key, strings.ReplaceAll(page, "/", "-"), "a row names its file")
			of[page] = key
			start := time.UnixMicro(row["interval_start"].Int64()).UTC().Format("2006-01-02T15:04:05.000Z")
			seconds := new(big.Rat).SetFrac(new(big.Int).SetBytes(row["seconds"].ByteArray()), new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil))
			all.add(t, string(row["user_id"].ByteArray()), start, string(row["metric"].ByteArray()), string(row["status"].ByteArray()), seconds)
		}
		assert.Len(t, of, 1)
	}
	return all
}

// rowsOf iterates over the rows of a file, by column, as they are stored.
func rowsOf(t *testing.T, file *parquet.File) func(yield func(map[string]parquet.Value) bool) {
	t.Helper()
	columns := file.Schema().Columns()
	return func(yield func(map[string]parquet.Value) bool) {
		for _, group := range file.RowGroups() {
			reader := group.Rows()
			defer reader.Close()
			buffer := make([]parquet.Row, 64)
			for {
				n, err := reader.ReadRows(buffer)
				for _, stored := range buffer[:n] {
					row := map[string]parquet.Value{}
					for _, value := range stored {
						row[columns[value.Column()][0]] = value
					}
					if !yield(row) {
						return
					}
				}
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
			}
		}
	}
}

// refused is the status of an answer that is an error.
func (w *world) refused(t *testing.T, path, query string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.tenant.URL+path, strings.NewReader(query))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	return res.StatusCode
}
