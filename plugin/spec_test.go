// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEachKindHasItsTexts: a file that has another name than its kind would be left out
// without a word.
func TestEachKindHasItsTexts(t *testing.T) {
	for kind, examples := range map[declared]int{inputFields: 2, processorFields: 1, rateLimitFields: 0, rowsFields: 1} {
		assert.NotEmpty(t, kind.about(), kind)
		require.Len(t, kind.examples(), examples, kind)
		for _, example := range kind.examples() {
			assert.Regexp(t, `^[A-Z][^\n#]+[^\n#.]$`, example.title)
			assert.Regexp(t, `^[A-Z][^\n#]+\.$`, example.summary)
			assert.Regexp(t, `^\ninput:\n`, example.config)
		}
	}
}
