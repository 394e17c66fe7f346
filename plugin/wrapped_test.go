// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"net/http/httptest"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// TestTheConnectionTestReachesTheInput as the engine has it: wrapped, with rejected
// messages sent again, and without; with an end to that, and without.
func TestTheConnectionTestReachesTheInput(t *testing.T) {
	sim, err := simulator.New(simulator.Config{})
	require.NoError(t, err)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	for _, lines := range [][]string{{"give_up_after: 0s"}, {"give_up_after: 1h"}, {"give_up_after: 1h", "auto_replay_nacks: false"}} {
		t.Run(lines[len(lines)-1], func(t *testing.T) {
			res := resources()
			test := func(lines ...string) error {
				config := with(settledDay, append(lines, "api_url: "+server.URL, "login_url: "+server.URL)...)
				conf, err := inputSpec().ParseYAML(config, nil)
				require.NoError(t, err)
				in, err := newInputFromParsed(conf, res)
				require.NoError(t, err)
				results := in.(service.ConnectionTestable).ConnectionTest(t.Context())
				require.NoError(t, in.Close(t.Context()))
				require.Len(t, results, 1)
				return results[0].Err
			}
			require.NoError(t, test(lines...))
			require.ErrorContains(t, test(append(lines, "client_secret: hunter2")...), "client_secret")

			require.NoError(t, res.AccessCache(t.Context(), "position", func(c service.Cache) {
				assert.NoError(t, c.Set(t.Context(), "genesys_analytics_2", []byte("nonsense"), nil))
			}))
			before := sim.Report().Requests
			require.ErrorContains(t, test(lines...), "the checkpoint cannot be read")
			assert.Equal(t, before, sim.Report().Requests, "nothing is sent that the export would not get to")
		})
	}
}
