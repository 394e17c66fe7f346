// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAthenaTablesAreWhatIsWritten holds the columns and types of the external tables to those of the
// files. No Athena runs here.
func TestAthenaTablesAreWhatIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations=10")
	for _, pipeline := range []string{queuePerformance, agentStatus, entities, conversations} {
		status, log := w.toEnd(t, pipeline, lastDays("POLL_EVERY=20ms")...)
		require.Zero(t, status, log)
	}
	ddl, err := os.ReadFile(filepath.Join(w.Root(), "config", "queries", "athena", "tables.sql"))
	require.NoError(t, err)
	tables := regexp.MustCompile("(?s)CREATE EXTERNAL TABLE (\\w+) \\(\n(.*?)\n\\)").FindAllStringSubmatch(string(ddl), -1)
	require.Len(t, tables, 8)
	for _, table := range tables {
		files := w.objects(t, "genesys/"+table[1]+"/")
		seen := 0
		for key, body := range files {
			if !strings.HasSuffix(key, ".parquet") {
				continue
			}
			seen++
			file, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
			require.NoError(t, err)
			var columns []string
			for _, column := range file.Root().Columns() {
				columns = append(columns, "  `"+column.Name()+"` "+athena(column))
			}
			assert.Equal(t, strings.Join(columns, ",\n"), table[2], key)
		}
		assert.Positive(t, seen, table[1])
	}
}

// athena is the name of a column's type there.
func athena(column *parquet.Column) string {
	return map[string]string{
		"STRING": "string", "INT(64,true)": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", "DECIMAL(38,18)": "decimal(38,18)",
		"TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)": "timestamp",
	}[column.Type().String()]
}
