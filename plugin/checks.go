// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// inputChecks are the input's kind.
func inputChecks() kind {
	return kind{checks: checks, defaults: defaults, together: checkTogether}
}

// checks find what is wrong with one field, by itself. Lint runs them as the
// field's rule, so that the line is right; the constructor runs them for those
// who do not lint.
var checks = map[string]func(any) error{
	fieldRegion:             text(func(s string) error { _, err := genesys.RegionOrigins(s); return err }),
	fieldAPIURL:             text(func(s string) error { _, err := genesys.ParseOrigin(s); return err }),
	fieldLoginURL:           text(func(s string) error { _, err := genesys.ParseOrigin(s); return err }),
	fieldClientID:           text(notEmpty),
	fieldClientSecret:       checkSecret,
	fieldEndpoint:           text(genesys.CheckPath),
	fieldDataset:            text(checkDataset),
	fieldMethod:             oneOf(auto, "GET", "POST"),
	fieldPaging:             oneOf(auto, "none", "body", "query", "cursor", "after", "job"),
	fieldIntervalIn:         oneOf(auto, "none", "body", "query"),
	fieldPageSize:           atLeast(1),
	fieldStart:              text(checkStart),
	fieldEnd:                text(func(s string) error { _, err := window.ParseInstant(s); return err }),
	fieldInterval:           text(positiveSeconds),
	fieldGranularity:        text(positiveSeconds),
	fieldTimezone:           text(func(s string) error { _, err := location(s); return err }),
	fieldSettle:             text(notNegative),
	fieldSchedule:           text(checkSchedule),
	fieldLookback:           text(notNegative),
	fieldParallelism:        atLeast(1),
	fieldFallbackPause:      text(positive),
	fieldGiveUpAfter:        text(notNegative),
	fieldPriority:           wholeNumber,
	fieldRequestTimeout:     text(positive),
	fieldMaxResponseBytes:   atLeast(1),
	fieldMaxInFlightBytes:   atLeast(1),
	fieldCheckpointCacheKey: text(notEmpty),
	fieldCheckpointLimit:    atLeast(1),
	fieldProxyURL:           text(checkProxy),
}

// unset is what each optional field without a default is printed as by `create`,
// and left as by a variable that has no value: it counts as absent.
var unset = map[string]any{
	fieldAPIURL:          "",
	fieldLoginURL:        "",
	fieldPageSize:        0,
	fieldDataset:         "",
	fieldEnd:             "",
	fieldGranularity:     "",
	fieldSchedule:        "",
	fieldRateLimit:       "",
	fieldCheckpointCache: "",
	fieldCache:           "",
	fieldProxyURL:        "",
}

func isUnset(field string, value any) bool {
	empty, optional := unset[field]
	if !optional || value == nil {
		return optional
	}
	text := strings.TrimSpace(asText(value))
	return text == "" || text == asText(empty)
}

// present is a config without the fields that are there and empty. Whatever reads
// a config as it is written reads it through here.
func present(written map[string]any) map[string]any {
	raw := maps.Clone(written)
	maps.DeleteFunc(raw, isUnset)
	return raw
}

// text runs a check on a field of text. YAML reads some text as a number or a
// date; as long as it is one word there is nothing wrong with it.
func text(check func(string) error) func(any) error {
	return func(v any) error {
		switch v.(type) {
		case map[string]any, []any, nil:
			return fmt.Errorf("want text, got %T", v)
		}
		return check(asText(v))
	}
}

func notEmpty(s string) error {
	if strings.TrimSpace(s) == "" {
		return errors.New("it is empty: is the environment variable set?")
	}
	return nil
}

// checkSecret wants text and never quotes it. YAML reads a word of digits as a
// number, and may change it on the way (0x7f, 1_000, 1e9).
func checkSecret(v any) error {
	s, ok := v.(string)
	if v != nil && !ok {
		return fmt.Errorf("YAML reads it as %s, not as text: put it in quotes, also where it is a variable (\"${GENESYS_CLIENT_SECRET}\")", yamlKind(v))
	}
	return notEmpty(s)
}

func yamlKind(v any) string {
	switch v.(type) {
	case bool:
		return "true or false"
	case map[string]any:
		return "a map"
	case []any:
		return "a list"
	case time.Time:
		return "a time"
	}
	return "a number"
}

// checkProxy says nothing of what it does not understand, which may have a
// password in it.
func checkProxy(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return errors.New("it is not the URL of a proxy: want http://proxy.example:3128, or https or socks5 for http; a user name and a password go before the host, percent-encoded (it is not shown: it may have a password in it)")
	}
	return nil
}

var pathSafe = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func checkDataset(s string) error {
	if !pathSafe.MatchString(s) || len(s) > genesys.MaxName {
		return fmt.Errorf("%q is not safe in a path: want letters, digits, dots, dashes and underscores, at most %d", genesys.Printable(s), genesys.MaxName)
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

func wholeNumber(v any) error {
	_, err := integer(v)
	return err
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

func named(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("field `%s`: %w", field, err)
}

// checkTogether finds what is wrong between fields that are right by themselves.
func checkTogether(raw map[string]any) error {
	query, err := queryOf(raw)
	if err == nil {
		err = query.Check()
	}
	return errors.Join(err, checkOrder(raw), checkRuns(raw))
}

func checkSchedule(s string) error {
	_, err := window.ParseSchedule(s, time.UTC)
	return err
}

// checkRuns wants runs where there is something to say of them.
func checkRuns(raw map[string]any) error {
	_, scheduled := raw[fieldSchedule]
	_, bounded := raw[fieldEnd]
	if manifest, _ := raw[fieldManifest].(bool); manifest && !scheduled && !bounded {
		return errors.New("field `manifest`: an input that follows the clock has no runs: set `end` or `schedule`")
	}
	if lookback, ok := raw[fieldLookback]; ok && span(lookback) > 0 && !scheduled {
		return fmt.Errorf("field `lookback`: %v is for the runs of a schedule: set `schedule`", lookback)
	}
	return nil
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
	slack := dateSlack(raw[fieldStart]) + dateSlack(end)
	if !from.Resolve(time.Time{}, grid).Before(to.Resolve(time.Time{}, grid).Add(slack)) {
		return fmt.Errorf("field `start`: %v is not before `end`, which is %v", raw[fieldStart], end)
	}
	return nil
}

// dateSlack is by how far a date may be off: lint sees an unquoted one as a time
// in UTC, and cannot tell it from midnight there. The constructor sees the text.
func dateSlack(v any) time.Duration {
	if t, ok := v.(time.Time); ok && t.Equal(t.Truncate(24*time.Hour)) {
		return 14 * time.Hour // the farthest that a time zone is from UTC
	}
	return 0
}

// asText is a scalar as text: an unquoted YAML timestamp comes as a time.
func asText(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// kind is a component with its checks.
type kind struct {
	checks   map[string]func(any) error
	defaults map[string]any
	// together finds what is wrong between fields that are right by themselves.
	together func(raw map[string]any) error
}

// problems checks a whole config: each field, and then all together.
func (k kind) problems(raw map[string]any) error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(k.checks)) {
		if value, ok := raw[name]; ok {
			all = append(all, named(name, k.checks[name](value)))
		}
	}
	if err := errors.Join(all...); err != nil || k.together == nil {
		return err
	}
	return k.together(raw)
}
