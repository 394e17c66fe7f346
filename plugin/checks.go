// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redpanda-data/benthos/v4/public/bloblang"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// checks find what is wrong with one field, by itself. Lint runs them as the
// field's rule, so that the line is right; the constructor runs them for those
// who do not lint.
var checks = map[string]func(any) error{
	fieldRegion:             text(func(s string) error { _, err := genesys.RegionOrigins(s); return err }),
	fieldAPIURL:             text(func(s string) error { _, err := genesys.ParseOrigin(s); return err }),
	fieldLoginURL:           text(func(s string) error { _, err := genesys.ParseOrigin(s); return err }),
	fieldClientID:           text(notEmpty),
	fieldClientSecret:       text(notEmpty),
	fieldEndpoint:           text(genesys.CheckPath),
	fieldDataset:            text(checkDataset),
	fieldMethod:             oneOf(auto, "GET", "POST"),
	fieldPaging:             oneOf(auto, "none", "body", "query"),
	fieldIntervalIn:         oneOf(auto, "none", "body", "query"),
	fieldPageSize:           atLeast(1),
	fieldStart:              text(checkStart),
	fieldEnd:                text(func(s string) error { _, err := window.ParseInstant(s); return err }),
	fieldInterval:           text(positiveSeconds),
	fieldGranularity:        text(positiveSeconds),
	fieldTimezone:           text(func(s string) error { _, err := location(s); return err }),
	fieldSettle:             text(notNegative),
	fieldParallelism:        atLeast(1),
	fieldFallbackPause:      text(positive),
	fieldGiveUpAfter:        text(notNegative),
	fieldRequestTimeout:     text(positive),
	fieldMaxResponseBytes:   atLeast(1),
	fieldCheckpointCache:    text(notEmpty),
	fieldCheckpointCacheKey: text(notEmpty),
	fieldCheckpointLimit:    atLeast(1),
}

// text runs a check on a field of text. YAML reads some text as a number or a
// date; as long as it is one word there is nothing wrong with it.
func text(check func(string) error) func(any) error {
	return func(v any) error {
		switch v.(type) {
		case map[string]any, []any, nil:
			return fmt.Errorf("want text, got %T", v)
		case time.Time: // an unquoted YAML timestamp
			return check(v.(time.Time).UTC().Format(time.RFC3339Nano))
		}
		return check(fmt.Sprint(v))
	}
}

func notEmpty(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("it is empty: is the environment variable set?")
	}
	return nil
}

var pathSafe = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func checkDataset(s string) error {
	if !pathSafe.MatchString(s) {
		return fmt.Errorf("%q is not safe in a path: want letters, digits, dots, dashes and underscores", s)
	}
	return nil
}

func checkStart(s string) error {
	i, err := window.ParseInstant(s)
	if err == nil && i.IsNow() {
		err = errors.New(`"now" is no start: want a time, a date, or a negative duration such as -PT5M`)
	}
	return err
}

func oneOf(values ...string) func(any) error {
	return text(func(s string) error {
		if !slices.Contains(values, s) {
			return fmt.Errorf("%q is not an option: want one of %s", s, strings.Join(values, ", "))
		}
		return nil
	})
}

func atLeast(least int64) func(any) error {
	return func(v any) error {
		n, err := integer(v)
		if err == nil && n < least {
			err = fmt.Errorf("%d is too small: want %d or more", n, least)
		}
		return err
	}
}

func integer(v any) (int64, error) {
	if f, ok := v.(float64); ok {
		v = strconv.FormatFloat(f, 'f', -1, 64)
	}
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%v is not a whole number", v)
	}
	return n, nil
}

func positive(s string) error {
	d, err := window.ParseDuration(s)
	if err == nil && d.Sign() <= 0 {
		err = fmt.Errorf("%q is not positive: want a span such as PT5M or 300s", s)
	}
	return err
}

func positiveSeconds(s string) error {
	if err := positive(s); err != nil {
		return err
	}
	if d, _ := window.ParseDuration(s); !d.WholeSeconds() {
		return fmt.Errorf("%q has a part of a second: want whole seconds", s)
	}
	return nil
}

func notNegative(s string) error {
	d, err := window.ParseDuration(s)
	if err == nil && d.Sign() < 0 {
		err = fmt.Errorf("%q is negative: want 0s or a span such as PT10M", s)
	}
	return err
}

func location(s string) (*time.Location, error) {
	if s == "Local" || strings.TrimSpace(s) == "" {
		return nil, fmt.Errorf("%q is no time zone: want an IANA name such as Asia/Seoul or UTC", s)
	}
	loc, err := time.LoadLocation(s)
	if err != nil {
		return nil, fmt.Errorf("%q is no time zone: want an IANA name such as Asia/Seoul or UTC", s)
	}
	return loc, nil
}

// checkField runs a field's own check.
func checkField(name string, value any) error {
	check, ok := checks[name]
	if !ok {
		return nil
	}
	if err := check(value); err != nil {
		return fmt.Errorf("field `%s`: %w", name, err)
	}
	return nil
}

// checkTogether finds what is wrong between fields that are right by themselves.
func checkTogether(raw map[string]any) error {
	query, err := queryOf(raw)
	if err == nil {
		err = query.Check()
	}
	return errors.Join(err, checkOrder(raw))
}

func checkOrder(raw map[string]any) error {
	end, bounded := raw[fieldEnd]
	if _, ok := raw[fieldStart]; !ok || !bounded {
		return nil
	}
	from, err := window.ParseInstant(asText(raw[fieldStart]))
	if err != nil {
		return err
	}
	to, err := window.ParseInstant(asText(end))
	if err != nil || !from.Absolute() || !to.Absolute() {
		return err
	}
	loc, err := location(asText(raw[fieldTimezone]))
	if err != nil {
		return err
	}
	grid := window.Grid{Location: loc}
	if !from.Resolve(time.Time{}, grid).Before(to.Resolve(time.Time{}, grid)) {
		return fmt.Errorf("field `start`: %v is not before `end`, which is %v", raw[fieldStart], end)
	}
	return nil
}

// asText is a scalar as text checks see it.
func asText(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// problems checks a whole config: each field, and then all together.
func problems(raw map[string]any, fields []string) error {
	var all []error
	for _, name := range fields {
		if value, ok := raw[name]; ok {
			all = append(all, checkField(name, value))
		}
	}
	if err := errors.Join(all...); err != nil {
		return err
	}
	return checkTogether(raw)
}

// lintFieldRule and lintTogetherRule are Bloblang that calls back into here, so
// that each rule is written once.
func lintFieldRule(name string) string {
	return fmt.Sprintf("root = %s(%q, this)", lintFunction, name)
}

const (
	lintFunction     = "genesys_analytics_lint"
	lintTogetherRule = "root = " + lintFunction + `("", this)`
)

// registerLint makes the checks callable from a lint rule. It must come before
// the rules are parsed.
func registerLint() {
	spec := bloblang.NewPluginSpec().
		Category("Genesys Cloud").
		Description("Internal: checks a field of the genesys_analytics components for `lint`, and gives what is wrong.").
		Param(bloblang.NewStringParam("field")).
		Param(bloblang.NewAnyParam("value"))
	bloblang.MustRegisterFunctionV2(lintFunction, spec, func(args *bloblang.ParsedParams) (bloblang.Function, error) {
		name, err := args.GetString("field")
		if err != nil {
			return nil, err
		}
		value, err := args.Get("value")
		if err != nil {
			return nil, err
		}
		return func() (any, error) { return lintOf(name, value), nil }, nil
	})
}

// lintOf gives the text of what is wrong, empty where nothing is. Fields that
// are wrong by themselves are told by their own rule, and not again.
func lintOf(name string, value any) string {
	if name != "" {
		return errorText(checkField(name, value))
	}
	written, ok := value.(map[string]any)
	if !ok {
		return ""
	}
	raw := withDefaults(written)
	for field, value := range raw {
		if checkField(field, value) != nil {
			return ""
		}
	}
	if _, ok := raw[fieldEndpoint]; !ok {
		return "" // lint tells missing fields itself
	}
	return errorText(checkTogether(raw))
}

func withDefaults(written map[string]any) map[string]any {
	raw := make(map[string]any, len(defaults)+len(written))
	for name, value := range defaults {
		raw[name] = value
	}
	for name, value := range written {
		raw[name] = value
	}
	return raw
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
