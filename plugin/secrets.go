// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
)

// errNoText takes the place of an error that quotes the value.
var errNoText = errors.New("want text: a secret of digits only has to be put in quotes, also where it is a variable")

// registerTrim puts a trim in the place of the engine's that differs in one thing:
// the error for a value that is no text does not quote it. The engine scrubs the
// secrets of a config with a mapping that trims them, every component's, before it
// shows one or runs it, and prints that error: a secret that YAML had read as a
// number was shown in full by `run`, `echo` and whatever else reads a config.
func registerTrim() {
	spec := bloblang.NewPluginSpec().
		Category("String Manipulation").
		Description("Removes leading and trailing characters from a string. Without arguments, removes whitespace. With a cutset argument, removes any characters in the cutset.").
		Param(bloblang.NewStringParam("cutset").Description("An optional string of characters to trim from the target value.").Optional())
	bloblang.MustRegisterMethodV2("trim", spec, func(args *bloblang.ParsedParams) (bloblang.Method, error) {
		cutset, err := args.GetOptionalString("cutset")
		if err != nil {
			return nil, err
		}
		return func(value any) (any, error) { return trim(value, cutset) }, nil
	})
}

func trim(value any, cutset *string) (any, error) {
	trimmed := strings.TrimSpace
	if cutset != nil {
		trimmed = func(s string) string { return strings.Trim(s, *cutset) }
	}
	switch v := value.(type) {
	case string:
		return trimmed(v), nil
	case []byte:
		return []byte(trimmed(string(v))), nil
	}
	return nil, errNoText
}
