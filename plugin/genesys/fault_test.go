// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheErrorOfAGoodStatusIsTold with all that its body says of it.
func TestTheErrorOfAGoodStatusIsTold(t *testing.T) {
	for body, says := range map[string]string{
		`{"message":"It is down.","code":"internal.server.error","status":500}`: ": internal.server.error: It is down.",
		`{"message":"It is down.","status":500}`:                                ": It is down.",
		`{"message":"It is down.","code":"internal.server.error"}`:              ": internal.server.error: It is down.",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{api: answer(http.StatusOK, body)}
			_, err := first(t.Context(), f.client(t), known(t, detailsPath))
			require.ErrorIs(t, err, errErrorBody)
			assert.Equal(t, "POST "+detailsPath+" for "+someDay+": "+errErrorBody.Error()+says, err.Error())
		})
	}
	for _, page := range []string{
		`{"conversations":[1],"totalHits":1,"message":"m","code":"c","status":500}`,
		`{"conversations":[],"totalHits":0,"message":"m"}`,
		`{"conversations":[],"totalHits":0,"message":"m","status":399}`,
		`{"conversations":[],"totalHits":0,"status":500,"code":"c"}`,
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{api: answer(http.StatusOK, page)}
			_, err := first(t.Context(), f.client(t), known(t, detailsPath))
			require.NoError(t, err, page)
		})
	}
	f := &fake{api: answer(http.StatusOK, `{"conversations":[],"message":"m","status":400}`)}
	_, err := first(t.Context(), f.client(t), known(t, detailsPath))
	require.ErrorIs(t, err, errErrorBody, "the first status that is one of errors")
}

// TestADocumentMaySpeakOfMessages: one that is the only record is an error only where
// it has all that one has.
func TestADocumentMaySpeakOfMessages(t *testing.T) {
	const details = "/api/v2/analytics/conversations/4c1e/details"
	for body, isError := range map[string]bool{
		`{"message":"hello"}`:                               false,
		`{"message":"hello","code":"c"}`:                    false,
		`{"message":"hello","status":500}`:                  false,
		`{"code":"c","status":500}`:                         false,
		`{"message":"hello","code":"c","status":399}`:       false,
		`{"message":"It is down.","code":"c","status":400}`: true,
	} {
		f := &fake{api: answer(http.StatusOK, body)}
		page, err := first(t.Context(), f.client(t), known(t, details))
		if isError {
			require.ErrorIs(t, err, errErrorBody, body)
			continue
		}
		require.NoError(t, err, body)
		assert.Equal(t, body, string(page.Body))
	}
}

// TestACursorSaysByHowMuchItIsTooLong.
func TestACursorSaysByHowMuchItIsTooLong(t *testing.T) {
	require.NoError(t, Cursor{Seen: strings.Repeat("a", 512)}.Check())
	require.ErrorContains(t, Cursor{Seen: strings.Repeat("a", 513)}.Check(), "513 bytes: want at most 512")
	require.NoError(t, Cursor{Token: strings.Repeat("a", 8190)}.Check())
	require.ErrorContains(t, Cursor{Token: strings.Repeat("a", 8191)}.Check(), "8193 bytes: want at most 8192")
	require.ErrorContains(t, Cursor{Page: -1}.Check(), "negative")
	require.ErrorContains(t, Cursor{Records: -1}.Check(), "negative")
}

// TestPagesThatAreAlikeForEverAreNoExport: the same records under a new cursor each
// time, and new records that lead on by the same nextUri. A few alike are.
func TestPagesThatAreAlikeForEverAreNoExport(t *testing.T) {
	for name, test := range map[string]struct {
		path, page string // %d is new on each
		says       string
	}{
		"the same records": {"/api/v2/analytics/botflows/4c1e/sessions", `{"entities":[{"id":1}],"after":"%[1]d"}`, "has the same records as the 100 before it"},
		"the same nextUri": {summaryPath, `{"entities":[{"id":%d}],"nextUri":"/api/v2/x"}`, "has the same nextUri as the 100 before it"},
	} {
		t.Run(name, func(t *testing.T) {
			pages := 0
			f := &fake{api: func(w http.ResponseWriter, _ *http.Request) {
				if pages++; pages > 200 {
					w.WriteHeader(http.StatusNotFound)
				}
				_, _ = fmt.Fprintf(w, test.page, pages)
			}}
			emitted := 0
			err := f.client(t).Source(known(t, test.path), someDay, nil).Read(t.Context(), Cursor{}, func(Page) error { emitted++; return nil })
			require.ErrorContains(t, err, test.says)
			assert.Equal(t, 101, pages)
			assert.Less(t, emitted, 101)
		})
	}
}
