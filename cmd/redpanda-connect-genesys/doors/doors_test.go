// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package doors

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAllowCommandsIsAWordOfAnyCommand(t *testing.T) {
	tests := []struct {
		name    string
		args    []string
		rest    []string
		allowed bool
	}{
		{"not given", []string{"c", "run", "x.yaml"}, []string{"c", "run", "x.yaml"}, false},
		{"given", []string{"c", "lint", "--allow-commands", "x.yaml"}, []string{"c", "lint", "x.yaml"}, true},
		{"before the command", []string{"c", "--allow-commands", "run"}, []string{"c", "run"}, true},
		{"taken back", []string{"c", "--allow-commands=false", "run"}, []string{"c", "run"}, false},
		{"after the flags", []string{"c", "run", "--", "--allow-commands"}, []string{"c", "run", "--", "--allow-commands"}, false},
		{"a name that only begins so", []string{"c", "--allow-commands-not"}, []string{"c", "--allow-commands-not"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rest, allowed, err := AllowCommands(test.args)
			require.NoError(t, err)
			assert.Equal(t, test.rest, rest)
			assert.Equal(t, test.allowed, allowed)
		})
	}
	_, _, err := AllowCommands([]string{"c", "--allow-commands=perhaps"})
	require.ErrorContains(t, err, "--allow-commands")
}
