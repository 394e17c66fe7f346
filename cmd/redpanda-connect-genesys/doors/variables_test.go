// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package doors

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAVariableCanBeInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(" a secret \r\n"), 0o600))
	t.Setenv("DOORS_A_FILE", path)
	value, ok := Lookup("DOORS_A")
	assert.True(t, ok)
	assert.Equal(t, " a secret ", value)
	t.Setenv("DOORS_A", "")
	value, ok = Lookup("DOORS_A")
	assert.True(t, ok, "one that is set is set")
	assert.Empty(t, value)
	t.Setenv("DOORS_B_FILE", path+"nowhere")
	_, ok = Lookup("DOORS_B")
	assert.False(t, ok)
	_, ok = Lookup("DOORS_C")
	assert.False(t, ok)
}
