// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package commands

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// setting overrides a field: the dot path of --set, and its value as YAML.
type setting struct{ path, value string }

func readSets(sets []string) (settings []setting, err error) {
	for _, set := range sets {
		path, value, ok := strings.Cut(set, "=")
		if !ok || path == "" {
			return nil, fmt.Errorf("reading --%s %s: want path=value", flagSet, path)
		}
		settings = append(settings, setting{path, value})
	}
	return settings, nil
}

// interpolation is what the engine takes for an environment variable.
var interpolation = regexp.MustCompile(`\${[0-9A-Za-z_.]+(:((\${[^}]+})|[^}])*)?(?:\|[0-9A-Za-z]+)?}`)

// apply sets fields in the text of a config. The builder has a SetFields, but that
// puts a word in the place of every secret. Variables are filled in later, and what
// is written around them need not be YAML until then: they are hidden meanwhile.
func apply(text string, settings []setting) (string, error) {
	var hidden []string
	text = interpolation.ReplaceAllStringFunc(text, func(variable string) string {
		hidden = append(hidden, placeholder(len(hidden)), variable)
		return placeholder(len(hidden) - 2)
	})
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return "", fmt.Errorf("reading the config: %w", err)
	}
	if len(document.Content) == 0 {
		document = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	for _, s := range settings {
		var value yaml.Node
		if err := yaml.Unmarshal([]byte(s.value), &value); err != nil {
			return "", fmt.Errorf("setting %s: %w", s.path, err)
		}
		if err := put(document.Content[0], strings.Split(s.path, "."), content(&value)); err != nil {
			return "", fmt.Errorf("setting %s: %w", s.path, err)
		}
	}
	changed, err := yaml.Marshal(&document)
	if err != nil {
		return "", fmt.Errorf("writing the config: %w", err)
	}
	return strings.NewReplacer(hidden...).Replace(string(changed)), nil
}

// placeholder is a word that means nothing to YAML. None begins another.
func placeholder(n int) string { return fmt.Sprintf("hidden_variable_%d_", n) }

// content is a document's value; null for an empty one.
func content(document *yaml.Node) *yaml.Node {
	if len(document.Content) == 0 {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	}
	return document.Content[0]
}

// put sets what is at a path below a node, and makes the maps on the way.
func put(at *yaml.Node, path []string, value *yaml.Node) error {
	if at.Kind == yaml.AliasNode {
		at = at.Alias
	}
	if len(path) == 0 {
		*at = *value
		return nil
	}
	switch {
	case at.Kind == yaml.SequenceNode:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(at.Content) {
			return fmt.Errorf("the list has no element %s", path[0])
		}
		return put(at.Content[i], path[1:], value)
	case at.Kind != yaml.MappingNode:
		*at = yaml.Node{Kind: yaml.MappingNode}
	}
	for i := 0; i+1 < len(at.Content); i += 2 {
		if at.Content[i].Value == path[0] {
			return put(at.Content[i+1], path[1:], value)
		}
	}
	child := &yaml.Node{Kind: yaml.MappingNode}
	at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: path[0]}, child)
	return put(child, path[1:], value)
}
