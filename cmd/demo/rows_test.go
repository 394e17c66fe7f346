// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const onePage = `
http: { enabled: false }
input:
  genesys_analytics:
    api_url: TENANT
    login_url: TENANT
    client_id: demo-client
    client_secret: demo-secret
    start: 2026-11-21T00:00:00Z
    end: 2026-11-21T01:00:00Z
    interval: PT1H
    QUERY
PIPELINE
output:
  file:
    path: FILE
    codec: CODEC
`

const toParquet = `pipeline:
  processors:
    - genesys_rows: { table: TABLE }
    - parquet_encode: { schema_metadata: schema, default_timestamp_unit: MICROSECOND }
`

// TestRowsBecomeParquetWithoutASchema, by the distribution's binary: what another library
// reads there is what the tenant has said, to the last digit.
func TestRowsBecomeParquetWithoutASchema(t *testing.T) {
	t.Parallel()
	sim, err := simulator.New(simulator.Config{ClientID: "demo-client", ClientSecret: "demo-secret", Queues: 3, Conversations: 1000})
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)

	t.Run("queue summaries", func(t *testing.T) {
		const query = "endpoint: /api/v2/analytics/queues/summary"
		file := parquetOf(t, server.URL, query, toParquet, "queue_summary")
		want := map[string]*big.Rat{}
		for _, page := range pagesOf(t, server.URL, query) {
			for _, queue := range list(page["entities"]) {
				for _, metric := range list(queue["metrics"]) {
					if sum, ok := metric["stats"].(map[string]any)["sum"].(json.Number); ok {
						exact, _ := new(big.Rat).SetString(sum.String())
						want[queue["id"].(string)+" "+metric["metric"].(string)] = exact
					}
				}
			}
		}
		require.NotEmpty(t, want)
		column := columnOf(t, file, "sum")
		assert.Equal(t, "DECIMAL(38,18)", column.Type().LogicalType().String())
		sums := 0
		for _, row := range rowsOf(t, file) {
			if row["sum"] == nil {
				continue
			}
			sums++
			assert.Zero(t, want[row["queue_id"].(string)+" "+row["metric"].(string)].Cmp(decimalOf(row["sum"])), row["metric"])
		}
		assert.Len(t, want, sums)
		assert.Contains(t, want[firstKey(want, "9007199254740993")].String(), "9007199254740993", "one that no double holds")
	})

	t.Run("segments", func(t *testing.T) {
		const query = "endpoint: /api/v2/analytics/conversations/details/query"
		var want []string
		for _, page := range pagesOf(t, server.URL, query) {
			for _, c := range list(page["conversations"]) {
				for _, p := range list(c["participants"]) {
					for _, s := range list(p["sessions"]) {
						for _, g := range list(s["segments"]) {
							want = append(want, s["sessionId"].(string)+" "+g["segmentStart"].(string))
						}
					}
				}
			}
		}
		file := parquetOf(t, server.URL, query, toParquet, "segments")
		column := columnOf(t, file, "segment_start")
		assert.Equal(t, "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)", column.Type().LogicalType().String())
		var got []string
		for _, row := range rowsOf(t, file) {
			assert.Nil(t, row["extra"])
			assert.Equal(t, int64(1), row["segment_number"])
			got = append(got, row["session_id"].(string)+" "+time.UnixMicro(row["segment_start"].(int64)).UTC().Format("2006-01-02T15:04:05.000Z"))
		}
		require.NotEmpty(t, want)
		assert.Equal(t, want, got)
	})
}

// parquetOf runs an export of one page and returns its file.
func parquetOf(t *testing.T, tenant, query, pipeline, table string) *parquet.File {
	t.Helper()
	path := written(t, tenant, query, strings.ReplaceAll(pipeline, "TABLE", table), "all-bytes")
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	file, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	require.NoError(t, err)
	return file
}

// written runs an export and returns the path of what it wrote.
func written(t *testing.T, tenant, query, pipeline, codec string) string {
	t.Helper()
	dir := t.TempDir()
	config, out := filepath.Join(dir, "export.yaml"), filepath.Join(dir, "out")
	text := strings.NewReplacer("TENANT", tenant, "QUERY", query, "PIPELINE", pipeline, "FILE", out, "CODEC", codec).Replace(onePage)
	require.NoError(t, os.WriteFile(config, []byte(text), 0o600))
	said, code := connect(t, "run", config)
	require.Zero(t, code, said)
	return out
}

// pagesOf are the pages themselves, with every digit.
func pagesOf(t *testing.T, tenant, query string) (pages []map[string]any) {
	t.Helper()
	file, err := os.Open(written(t, tenant, query, "", "lines"))
	require.NoError(t, err)
	defer file.Close()
	decoder := json.NewDecoder(bufio.NewReader(file))
	decoder.UseNumber()
	for {
		var page map[string]any
		if err := decoder.Decode(&page); errors.Is(err, io.EOF) {
			return pages
		}
		require.NoError(t, err)
		pages = append(pages, page)
	}
}

func list(v any) (all []map[string]any) {
	elements, _ := v.([]any)
	for _, element := range elements {
		all = append(all, element.(map[string]any))
	}
	return all
}

func columnOf(t *testing.T, file *parquet.File, name string) *parquet.Column {
	t.Helper()
	column := file.Root().Column(name)
	require.NotNil(t, column, name)
	return column
}

// rowsOf reads the rows as they are stored: a time is a number of microseconds.
func rowsOf(t *testing.T, file *parquet.File) (rows []map[string]any) {
	t.Helper()
	columns := file.Schema().Columns()
	for _, group := range file.RowGroups() {
		reader := group.Rows()
		buffer := make([]parquet.Row, 64)
		for {
			n, err := reader.ReadRows(buffer)
			for _, stored := range buffer[:n] {
				row := map[string]any{}
				for _, value := range stored {
					row[columns[value.Column()][0]] = plain(value)
				}
				rows = append(rows, row)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
		}
		require.NoError(t, reader.Close())
	}
	return rows
}

func plain(v parquet.Value) any {
	switch {
	case v.IsNull():
		return nil
	case v.Kind() == parquet.ByteArray:
		return string(v.ByteArray())
	case v.Kind() == parquet.FixedLenByteArray:
		return bytes.Clone(v.ByteArray())
	case v.Kind() == parquet.Int64:
		return v.Int64()
	case v.Kind() == parquet.Boolean:
		return v.Boolean()
	}
	return v.Double()
}

// decimalOf returns a DECIMAL(38,18): a big-endian number in two's complement.
func decimalOf(stored any) *big.Rat {
	body := stored.([]byte)
	unscaled := new(big.Int).SetBytes(body)
	if body[0]&0x80 != 0 {
		unscaled.Sub(unscaled, new(big.Int).Lsh(big.NewInt(1), uint(8*len(body))))
	}
	return new(big.Rat).SetFrac(unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil))
}

func firstKey(of map[string]*big.Rat, number string) string {
	for key, value := range of {
		if value.IsInt() && value.Num().String() == number {
			return key
		}
	}
	return ""
}
