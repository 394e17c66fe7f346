// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"strings"
	"testing"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	_ "github.com/redpanda-data/benthos/v4/public/components/io"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure"

	"connect-genesys.example/connect-genesys/plugin/settings"
)

// TestTheEnginesScrubberNeverQuotesASecret: of any component, since all are
// scrubbed by one mapping.
func TestTheEnginesScrubberNeverQuotesASecret(t *testing.T) {
	for _, value := range []any{70177, 70177.5, true, []any{70177}, map[string]any{"a": 70177}, nil} {
		mapping, err := bloblang.Parse("root = this.trim()")
		require.NoError(t, err)
		_, err = mapping.Query(value)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "70177")
	}
	mapping, err := bloblang.Parse(`root = this.trim() + "|" + this.trim("x ") + "|" + this.bytes().trim("x ").string() + "|" + this.bytes().trim().string()`)
	require.NoError(t, err)
	got, err := mapping.Query(" xax ")
	require.NoError(t, err)
	assert.Equal(t, "xax|a|a|xax", got)
}

func TestTheDocumentationIsComplete(t *testing.T) {
	env, found := service.GlobalEnvironment(), 0
	documented := func(name string, view *service.ConfigView) {
		if name != settings.Component {
			return
		}
		found++
		data, err := view.TemplateData()
		require.NoError(t, err)
		for _, f := range data.Fields {
			assert.NotEmpty(t, f.Description, f.FullName)
		}
	}
	env.WalkInputs(documented)
	env.WalkProcessors(documented)
	env.WalkRateLimits(documented)
	assert.Equal(t, 3, found)
}

func TestTheInputsExamplesAreRight(t *testing.T) {
	linter := service.GlobalEnvironment().FullConfigSchema("", "").NewStreamConfigLinter()
	linter.SetSkipEnvVarCheck(true)
	for _, example := range inputFields.examples() {
		lints, err := linter.LintYAML([]byte(dropS3(example.config)))
		require.NoError(t, err)
		assert.Empty(t, lints, example.title)
	}
}

// dropS3 puts an output into an example that a build without AWS knows.
func dropS3(config string) string {
	var kept []string
	in := false
	for line := range strings.SplitSeq(config, "\n") {
		switch {
		case line == "  aws_s3:":
			kept, in = append(kept, "  drop: {}"), true
			continue
		case in && strings.HasPrefix(line, "    "):
			continue
		}
		in = false
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}
