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

// climbing are texts that are not themselves in a path, a key or a log line.
var climbing = []string{
	"..", ".", "...", "%2e%2e", "%2e%2e%2f", "a%00", "a\x1b[2J", "a\r\nX: y", `a\b`, `a"b`, "a'b", "a b", "a?b", "a#b", "a;b", "a:b", "ä",
	"a\u202eb", "{id}", strings.Repeat("a", MaxName+1),
}

// TestAnEndpointIsOnlyAPath: it comes from a message too, and names keys.
func TestAnEndpointIsOnlyAPath(t *testing.T) {
	for _, e := range Endpoints() {
		require.NoError(t, CheckPath(strings.NewReplacer("{", "", "}", "").Replace(e.Path)))
	}
	require.NoError(t, CheckPath("/api/v2/a.b/~c_d-E9/0"))
	long := "/api/v2/" + strings.Repeat("a/", 1500) + "b"
	require.NoError(t, CheckPath(long[:MaxName-1]))
	for _, path := range []string{long, "/api/v2/", "/api/v2/x/", "/api/v2//x", "api/v2/x", "https://x/api/v2/y"} {
		require.Error(t, CheckPath(path), path)
	}
	for _, segment := range climbing {
		for _, path := range []string{"/api/v2/" + segment, "/api/v2/x/" + segment + "/y"} {
			err := CheckPath(path)
			require.Error(t, err, path)
			assert.Less(t, len(err.Error()), longest)
			assert.NotContains(t, err.Error(), "\x1b")
		}
	}
}

// TestAJobThatClimbsIsNoJob, whoever names it: a request of ours with it in the
// path would go somewhere else.
func TestAJobThatClimbsIsNoJob(t *testing.T) {
	const jobs = "/api/v2/analytics/conversations/details/jobs"
	for _, id := range climbing {
		t.Run(fmt.Sprintf("%.8q", id), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: func(w http.ResponseWriter, _ *http.Request) {
					_, _ = fmt.Fprintf(w, `{"jobId":%q}`, strings.ReplaceAll(id, "\x1b", "\u0007"))
				}}
				err := f.client(t).Source(known(t, jobs), someDay, nil).Read(t.Context(), Cursor{}, func(Page) error { return nil })
				require.Error(t, err)
				assert.True(t, Doubtful(err) || strings.ContainsAny(id, "\x1b\x00"), "%v", err)
				for _, asked := range f.requests()[1:] {
					assert.Equal(t, "POST api.test "+jobs, asked)
				}
			})
			require.Error(t, Cursor{Job: id}.Check())
		})
	}
	require.NoError(t, Cursor{Job: "0b9d2f3c-7c3b-4a53-9a0b-d8a8b5a5a5a5"}.Check())
}

func TestANameHasABound(t *testing.T) {
	longest := strings.Repeat("a", MaxName)
	require.NoError(t, Cursor{Job: longest}.Check())
	require.Error(t, Cursor{Job: longest + "a"}.Check())
	path := "/api/v2/" + longest[len("/api/v2/"):]
	require.NoError(t, CheckPath(path))
	require.ErrorContains(t, CheckPath(path+"a"), "has 257 characters: want at most 256")
}

// TestACursorHasABound: it is kept in the checkpoint.
func TestACursorHasABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for cursor, good := range map[string]bool{
			strings.Repeat("a", maxToken-2): true,
			strings.Repeat("a", maxToken):   false,
			strings.Repeat("<", maxToken/2): false, // six bytes each, as it is kept
		} {
			f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("after") != "" {
					answer(200, `{"entities":[2]}`)(w, r)
					return
				}
				answer(200, `{"entities":[1],"after":"`+cursor+`"}`)(w, r)
			}}
			err := f.client(t).Source(known(t, sessionsPath), someDay, nil).Read(t.Context(), Cursor{}, func(Page) error { return nil })
			if good {
				require.NoError(t, err)
				continue
			}
			assertTold(t, err)
			assert.True(t, Doubtful(err))
		}
	})
}
