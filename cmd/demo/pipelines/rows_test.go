// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// instant is how the service writes times.
const instant = "2006-01-02T15:04:05.000Z"

// parquetRows reads Parquet files as an independent library sees them, each row as text: what is
// NULL is not there, a decimal is exact, a time is as the service writes it.
func parquetRows(t *testing.T, files map[string][]byte) (all []map[string]string) {
	t.Helper()
	for key, body := range files {
		file, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
		require.NoError(t, err, key)
		for stored := range rowsOf(t, file) {
			row := map[string]string{}
			for name, value := range stored {
				if !value.IsNull() {
					row[name] = printed(file.Root().Column(name).Type().String(), value)
				}
			}
			assert.Contains(t, key, strings.ReplaceAll(row["genesys_key"], "/", "-"), "a row names its file")
			all = append(all, row)
		}
	}
	return all
}

func printed(logical string, v parquet.Value) string {
	switch {
	case strings.HasPrefix(logical, "TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)"):
		return spelled(time.UnixMicro(v.Int64()))
	case strings.HasPrefix(logical, "DECIMAL(38,18)"):
		unscaled := new(big.Int).SetBytes(v.ByteArray())
		return new(big.Rat).SetFrac(unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)).RatString()
	case v.Kind() == parquet.Double:
		return strconv.FormatFloat(v.Double(), 'g', -1, 64) // String has the digits of a float32
	}
	return v.String()
}

// spelled is a time as the service writes it, with the microseconds where it has some.
func spelled(at time.Time) string {
	if at.Nanosecond()%int(time.Millisecond) != 0 {
		return at.UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	return at.UTC().Format(instant)
}

// keyed is rows by what they are about, each once.
func keyed(t *testing.T, rows []map[string]string, by ...string) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, row := range rows {
		var key []string
		for _, column := range by {
			if row[column] == "" {
				require.Fail(t, "a row without "+column, "%v", row)
			}
			key = append(key, row[column])
		}
		at := strings.Join(key, " ")
		require.Nil(t, all[at], "%s comes twice", at)
		for column := range row {
			if slices.Contains(by, column) || strings.HasPrefix(column, "genesys_") {
				delete(row, column)
			}
		}
		all[at] = row
	}
	return all
}

// exact is a number as [printed] has a decimal.
func exact(t *testing.T, v any) string {
	t.Helper()
	number, ok := new(big.Rat).SetString(v.(json.Number).String())
	require.True(t, ok)
	return number.RatString()
}

// assertRows compares tables of thousands of rows, and shows some that differ.
func assertRows(t *testing.T, want, got map[string]map[string]string) {
	t.Helper()
	require.NotEmpty(t, want)
	assert.Equal(t, len(want), len(got), "rows") //nolint:testifylint // it would print all of them
	shown := 0
	for at, row := range want {
		if !maps.Equal(row, got[at]) && shown < 5 {
			shown++
			assert.Equal(t, row, got[at], at)
		}
	}
}
