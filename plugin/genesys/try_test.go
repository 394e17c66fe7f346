// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTryIsRefusedWhereTheQueryWouldBe: of a job, 404 is what a client with the
// permission gets, and 403 what one without gets; of a query it is the other way round.
func TestTryIsRefusedWhereTheQueryWouldBe(t *testing.T) {
	const (
		jobPath = "/api/v2/analytics/conversations/details/jobs"
		askFor  = "give the OAuth client a role with the permission analytics:conversationDetail:view"
	)
	for _, test := range []struct {
		name   string
		path   string
		status int
		body   string
		wants  string // of the error; empty: none
		asked  string
	}{
		{"a query that is served", detailsPath, 200, `{"conversations":[],"totalHits":0}`, "", "POST api.test " + detailsPath},
		{"a query without the permission", detailsPath, 403, `{}`, askFor, "POST api.test " + detailsPath},
		{"a query that is not there", detailsPath, 404, `{}`, "status 404", "POST api.test " + detailsPath},
		{"a query that makes no sense", detailsPath, 200, `<html>`, "not a whole JSON document", "POST api.test " + detailsPath},
		{"jobs with the permission", jobPath, 404, `{}`, "", "GET api.test " + jobPath + "/" + noJob},
		{"jobs without the permission", jobPath, 403, `{}`, askFor, "GET api.test " + jobPath + "/" + noJob},
		{"jobs that the service refuses", jobPath, 400, `{}`, "status 400", "GET api.test " + jobPath + "/" + noJob},
		{"jobs of which every one is there", jobPath, 200, `{"state":"FULFILLED"}`, "", "GET api.test " + jobPath + "/" + noJob},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: answer(test.status, test.body)}
				c := f.client(t)
				err := c.Try(t.Context(), known(t, test.path), someDay)
				if test.wants == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, test.wants)
					assert.Equal(t, test.status == 403, strings.Contains(err.Error(), "a role"), "the permission is named only where it is missing")
				}
				require.Len(t, f.requests(), 2, "a token and one request")
				assert.Equal(t, test.asked, f.requests()[1])
				if test.path == detailsPath {
					assert.Contains(t, f.bodies[1], `"pageSize":1}`)
				}
				assert.Zero(t, c.InFlight())
			})
		})
	}
}
