// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"testing"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// TestEachFieldIsARowAndADescription: Benthos would take one that has no row, and
// nobody would read it.
func TestEachFieldIsARowAndADescription(t *testing.T) {
	benthos := []string{"tls", "auto_replay_nacks"}
	declares := func(of string, names []string) func(string, *service.ConfigView) {
		return func(component string, view *service.ConfigView) {
			if component != of {
				return
			}
			data, err := view.TemplateData()
			require.NoError(t, err)
			described := map[string]bool{}
			for _, f := range data.Fields {
				described[f.FullName] = true
			}
			for _, name := range names {
				assert.True(t, described[name], "%s has a description", name)
				delete(described, name)
			}
			for name := range described {
				top := len(name) < 4 || name[:4] != "tls."
				assert.True(t, !top || assert.Contains(t, benthos, name), "%s has a row", name)
			}
		}
	}
	env := service.GlobalEnvironment()
	env.WalkInputs(declares(settings.Component, settings.Input.Names()))
	env.WalkProcessors(declares(settings.Component, settings.Processor.Names()))
	env.WalkProcessors(declares(rowsName, settings.Rows.Names()))
	env.WalkRateLimits(declares(settings.Component, settings.RateLimit.Names()))
}
