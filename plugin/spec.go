// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"embed"
	"io/fs"
	"slices"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// texts describe the components: KIND.md, and examples/KIND_*.yaml, each with its title and
// a sentence about it as comments in front.
//
//go:embed *.md examples
var texts embed.FS

// spec returns the spec of a kind of component.
func (d declared) spec(version, summary string, fields ...[]*service.ConfigField) *service.ConfigSpec {
	spec := service.NewConfigSpec().
		Categories("Services").
		Version(version).
		Summary(summary).
		Description(d.about()).
		LintRule(lintRule(string(d), "")).
		Fields(slices.Concat(fields...)...)
	for _, example := range d.examples() {
		spec = spec.Example(example.title, example.summary, example.config)
	}
	return spec
}

func (d declared) about() string {
	text, _ := texts.ReadFile(string(d) + ".md")
	return string(text)
}

type example struct{ title, summary, config string }

// examples are linted by the tests.
func (d declared) examples() (all []example) {
	names, _ := fs.Glob(texts, "examples/"+string(d)+"_*.yaml")
	for _, name := range names {
		text, _ := texts.ReadFile(name)
		title, rest, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n# ")
		summary, config, _ := strings.Cut(rest, "\n")
		all = append(all, example{title, summary, config})
	}
	return all
}

func inputSpec() *service.ConfigSpec {
	d := inputFields
	return d.spec("0.1.0", "Exports Genesys Cloud analytics, interval by interval and page by page, and pauses exactly as the server orders.",
		d.client(), d.query(), d.request(), d.window(), d.patience(), d.checkpoint(), d.transport(),
		[]*service.ConfigField{service.NewAutoRetryNacksToggleField()})
}

func processorSpec() *service.ConfigSpec {
	d := processorFields
	return d.spec("0.1.0", "Fetches one interval of Genesys Cloud analytics for each message: a message in, the interval's pages out.",
		d.client(), d.message(), d.request(), []*service.ConfigField{d.timezone()}, d.patience(), d.transport())
}
