// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// into returns a reader that parses a scalar as text and stores the result. A number or a
// date is taken as text too: YAML makes them of text that is not quoted.
func into[T any](place *T, parse func(string) (T, error)) func(any) error {
	return func(v any) error {
		switch v.(type) {
		case map[string]any, []any, nil:
			return fmt.Errorf("want text, got %T", v)
		}
		value, err := parse(asText(v))
		if err == nil {
			*place = value
		}
		return err
	}
}

// asIs parses any text.
func asIs(s string) (string, error) { return s, nil }

// asText returns a scalar as text. YAML makes a time of a timestamp that is not quoted.
func asText(v any) string {
	if t, ok := v.(time.Time); ok {
		return t.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

func notEmpty(s string) (string, error) {
	if strings.TrimSpace(s) == "" {
		return "", errors.New("it is empty: is the environment variable set?")
	}
	return s, nil
}

func oneOf[T ~string](values ...T) func(string) (T, error) {
	return func(s string) (T, error) {
		if !slices.Contains(values, T(s)) {
			return "", fmt.Errorf("%q is not an option: want one of %s", s, strings.ReplaceAll(strings.Trim(fmt.Sprint(values), "[]"), " ", ", "))
		}
		return T(s), nil
	}
}

// atLeast returns a reader that stores a whole number of at least so much.
func atLeast[N int | int64](least N, place *N) func(any) error {
	return func(v any) error {
		n, err := wholeNumber(v)
		if err == nil && n < int64(least) {
			err = fmt.Errorf("%d is too small: want %d or more", n, least)
		}
		if err == nil {
			*place = N(n)
		}
		return err
	}
}

func wholeNumber(value any) (int64, error) {
	if f, ok := value.(float64); ok {
		value = strconv.FormatFloat(f, 'f', -1, 64)
	}
	n, err := strconv.ParseInt(fmt.Sprint(value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%v is not a whole number", value)
	}
	return n, nil
}

// exactly returns a reader that stores a value that is a T already, and what it says of
// any other.
func exactly[T any](place *T, problem string) func(any) error {
	return func(v any) error {
		value, ok := v.(T)
		if !ok {
			return fmt.Errorf("%v %s", v, problem)
		}
		*place = value
		return nil
	}
}

// positive parses a pause, in which a day counts as 24 hours.
func positive(s string) (time.Duration, error) {
	d, err := positiveSpan(s)
	return d.Approx(), err
}

func positiveSpan(s string) (window.Duration, error) {
	d, err := window.ParseDuration(s)
	if err == nil && d.Sign() <= 0 {
		err = fmt.Errorf("%q is not positive: want a span such as PT5M or 300s", s)
	}
	return d, err
}

// wholeSeconds parses the span of an interval or of a bucket.
func wholeSeconds(s string) (window.Duration, error) {
	d, err := positiveSpan(s)
	if err == nil && !d.WholeSeconds() {
		err = fmt.Errorf("%q has a part of a second: want whole seconds", s)
	}
	return d, err
}

func notNegative(s string) (time.Duration, error) {
	d, err := window.ParseDuration(s)
	if err == nil && d.Sign() < 0 {
		err = fmt.Errorf("%q is negative: want 0s or a span such as PT10M", s)
	}
	return d.Approx(), err
}

// location parses the name of a time zone. It refuses Local: what a config means must not
// depend on where it runs.
func location(s string) (*time.Location, error) {
	loc, err := time.LoadLocation(s)
	if err != nil || s == "Local" || strings.TrimSpace(s) == "" {
		return nil, fmt.Errorf("%q is no time zone: want an IANA name such as Asia/Seoul or UTC", s)
	}
	return loc, nil
}

// secret returns a reader that stores text, and whose errors do not quote the value. YAML
// makes a number of a word of digits, which may look otherwise (0x7f, 1_000, 1e9).
func secret(place *string) func(any) error {
	return func(v any) (err error) {
		s, ok := v.(string)
		if v != nil && !ok {
			return fmt.Errorf("YAML reads it as %s, not as text: put it in quotes, also where it is a variable (\"${GENESYS_CLIENT_SECRET}\")", yamlKind(v))
		}
		*place, err = notEmpty(s)
		return err
	}
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

// proxy parses the URL of a proxy. Its error does not quote the value, which may have a
// password in it.
func proxy(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, errors.New("it is not the URL of a proxy: want http://proxy.example:3128, or https or socks5 for http; a user name and a password go before the host, percent-encoded (it is not shown: it may have a password in it)")
	}
	return u, nil
}

var pathSafe = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func dataset(s string) (string, error) {
	if !pathSafe.MatchString(s) || len(s) > genesys.MaxName {
		return "", fmt.Errorf("%q is not safe in a path: want letters, digits, dots, dashes and underscores, at most %d", genesys.Printable(s), genesys.MaxName)
	}
	return s, nil
}
