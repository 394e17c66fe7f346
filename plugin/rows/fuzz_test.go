// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rows

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzRead: no page makes a row that is not as its table says, whatever it holds.
func FuzzRead(f *testing.F) {
	for i := range tables {
		f.Add(uint8(i), []byte(conversationPage))
		f.Add(uint8(i), []byte(`{"results":[{"group":{"queueId":"q","x":1},"data":[{"interval":"2026-08-01T00:00:00Z/2026-08-01T00:05:00Z","metrics":[{"metric":"m","stats":{"sum":-1.5e-3,"count":1E2}}],"count":1}],"entities":[{}]}],"n":1}`))
		f.Add(uint8(i), []byte(` { "entities" : [ { "id" : "\u0041\ud800" , "metrics":[{"stats":{"ratio":00}}] } , 1 , [ ] , { } ] , "userDetails":[{"primaryPresence":[{"startTime":"2026-08-01T00:00:00Z","endTime":"2026-08-01T00:00:00.000001Z"}]}] } `))
	}
	f.Fuzz(func(t *testing.T, which uint8, page []byte) {
		tab := tables[int(which)%len(tables)]
		s, err := tab.Select()
		require.NoError(t, err)
		err = s.Read(page, func(row map[string]any) {
			require.Len(t, row, len(tab.Columns))
			for _, c := range tab.Columns {
				checkType(t, c, row[c.Name])
			}
		})
		require.Equal(t, !json.Valid(page) || strings.TrimSpace(string(page))[0] != '{', err != nil)
	})
}

func checkType(t *testing.T, c Column, value any) {
	t.Helper()
	switch v := value.(type) {
	case nil:
	case string:
		require.Contains(t, []Type{Text, JSON, Decimal}, c.Type, c.Name)
		require.False(t, c.Type == JSON && !json.Valid([]byte(v)), "%s: %s", c.Name, v)
		if c.Type == Decimal {
			require.Regexp(t, `^-?[0-9]{1,20}(\.[0-9]{1,18})?$`, v)
		}
	case int64:
		require.Equal(t, Integer, c.Type, c.Name)
	case float64:
		require.Equal(t, Double, c.Type, c.Name)
	case bool:
		require.Equal(t, Boolean, c.Type, c.Name)
	case time.Time:
		require.Equal(t, Time, c.Type, c.Name)
		require.Zero(t, v.Nanosecond()%1000)
		require.Equal(t, time.UTC, v.Location())
	default:
		t.Fatalf("%s is a %T", c.Name, value)
	}
}
