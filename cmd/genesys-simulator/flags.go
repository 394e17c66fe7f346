// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"connect-genesys.example/connect-genesys/plugin/simulator"
)

const (
	defaultSecret = "demo-secret"

	usage = `genesys-simulator serves a Genesys Cloud tenant on a local port: POST /oauth/token
and the analytics API, with data that depends on --seed and the interval alone.

Usage:
  genesys-simulator [flags]

The tenant
  --listen ADDRESS         where to listen; port 0 takes a free one (127.0.0.1:8085)
  --port-file PATH         write the host:port it listens on to this file
  --client-id ID           the OAuth client (demo-client)
  --client-secret SECRET   and its secret (demo-secret)
  --token-life DURATION    how long a token is good (24h)
  --deny-permission NAME   a permission the client lacks: 403 where it is needed
  --seed N                 chooses the data (0)
  --queues N               queues in the tenant (3)
  --conversations N        conversations that start on each UTC day (1000)

Its quota
  --bucket N               requests a window, the token's included; 0 is no limit (0)
  --window DURATION        a window opens with its first request (1m)
  --rate-headers FORM      x, inin, ratelimit or none (none)
  --retry-after FORM       seconds, date, body or none (seconds)
  --grace DURATION         a request this soon after a hold was ordered may have been
                           on its way and is not early (50ms)
  --penalty                an early request doubles the hold and is answered 503
  --ban-after N            this many early requests, and all is 403 for ten windows;
                           0 is never (0)

What goes wrong
  --latency DURATION       before each answer (0s)
  --faults LIST            probabilities: reset=0.01,5xx=0.02,truncate=0.01,expire=0.01,
                           close=0.01,header=0.01,empty=0.01,bomb=0.01 (a connection closed before
                           any byte of an answer, in its header; an answer without a body,
                           one of 64 KiB that unpacks to 64 MiB of blanks)
  --page-cap N             no page holds more entries, whatever is asked for (0: no cap)
  --short-pages P          the probability that a page of a details query holds fewer
                           entries than asked for although more follow (0)
  --drop-entries P         the share of the entries of users/details/query that totalHits
                           counts and no page holds (0)

At the end, and at any time at /_simulator/report
  --report PATH            write the report to this file as JSON

Examples:
  genesys-simulator
  genesys-simulator --bucket 60 --window 30s --rate-headers x --penalty
  genesys-simulator --listen 127.0.0.1:0 --port-file /tmp/port --conversations 250000
`
)

// options is the command line.
type options struct {
	listen, portFile, reportFile string
	config                       simulator.Config
}

// parser keeps the first error in our own words: package flag would wrap it.
type parser struct {
	*flag.FlagSet
	err error
}

func parse(args []string) (options, error) {
	o := options{listen: "127.0.0.1:8085"}
	c := &o.config
	c.ClientID, c.ClientSecret, c.Grace = "demo-client", defaultSecret, 50*time.Millisecond
	p := &parser{FlagSet: flag.NewFlagSet("genesys-simulator", flag.ContinueOnError)}
	p.SetOutput(io.Discard)

	p.text(&o.listen, "listen", "host:port", func(v string) bool { _, _, err := net.SplitHostPort(v); return err == nil })
	p.text(&o.portFile, "port-file", "a path", notEmpty)
	p.text(&o.reportFile, "report", "a path", notEmpty)
	p.text(&c.ClientID, "client-id", "a client id", notEmpty)
	p.text(&c.ClientSecret, "client-secret", "a secret", notEmpty)
	p.text(&c.DenyPermission, "deny-permission", "a permission like analytics:conversationDetail:view", isPermission)
	p.choice(&c.RateHeaders, "rate-headers", simulator.RateHeaderForms)
	p.choice(&c.RetryAfter, "retry-after", simulator.RetryAfterForms)
	p.duration(&c.TokenLife, "token-life", time.Second)
	p.duration(&c.Window, "window", time.Millisecond)
	p.duration(&c.Grace, "grace", 0)
	p.duration(&c.Latency, "latency", 0)
	p.count(&c.Bucket, "bucket", 0)
	p.count(&c.BanAfter, "ban-after", 0)
	p.count(&c.PageCap, "page-cap", 0)
	p.probability(&c.ShortPages, "short-pages", 1)
	p.probability(&c.DropEntries, "drop-entries", 0.5)
	p.count(&c.Queues, "queues", 1)
	p.count(&c.Conversations, "conversations", 1)
	p.BoolVar(&c.Penalty, "penalty", false, "")
	p.value("seed", "a whole number, 0 or more", func(v string) (err error) {
		c.Seed, err = strconv.ParseUint(v, 10, 64)
		return err
	})
	p.Func("faults", "", func(v string) (err error) {
		c.Faults, err = parseFaults(v)
		return p.keep(err)
	})
	return o, p.parse(args)
}

func (p *parser) parse(args []string) error {
	err := p.Parse(args)
	switch {
	case p.err != nil:
		return p.err
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return fmt.Errorf("parsing the command line: %w", err)
	case p.NArg() > 0:
		return fmt.Errorf("parsing the command line: %q is no flag, and there is nothing else to give", p.Arg(0))
	}
	return nil
}

func (p *parser) keep(err error) error {
	if p.err == nil {
		p.err = err
	}
	return err
}

// value is a flag whose value read refuses when it is not what is wanted.
func (p *parser) value(name, want string, read func(string) error) {
	p.Func(name, "", func(v string) error {
		if read(v) != nil {
			return p.keep(fmt.Errorf("parsing --%s %q: want %s", name, v, want))
		}
		return nil
	})
}

var errUnwanted = errors.New("not what is wanted")

func (p *parser) text(to *string, name, want string, good func(string) bool) {
	p.value(name, want, func(v string) error {
		if !good(v) {
			return errUnwanted
		}
		*to = v
		return nil
	})
}

func (p *parser) choice(to *string, name string, forms []string) {
	p.text(to, name, "one of "+strings.Join(forms, ", "), func(v string) bool { return slices.Contains(forms, v) })
}

func (p *parser) duration(to *time.Duration, name string, least time.Duration) {
	p.value(name, fmt.Sprintf("a duration like 30s, at least %s", least), func(v string) error {
		d, err := time.ParseDuration(v)
		if err != nil || d < least {
			return errUnwanted
		}
		*to = d
		return nil
	})
}

func (p *parser) count(to *int, name string, least int) {
	p.value(name, fmt.Sprintf("a whole number, %d or more", least), func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < least {
			return errUnwanted
		}
		*to = n
		return nil
	})
}

func (p *parser) probability(to *float64, name string, most float64) {
	p.value(name, fmt.Sprintf("a probability from 0 to %g", most), func(v string) error {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || !(f >= 0 && f <= most) {
			return errUnwanted
		}
		*to = f
		return nil
	})
}

func notEmpty(v string) bool { return v != "" }

func isPermission(v string) bool { return strings.Count(v, ":") == 2 }

// parseFaults reads reset=0.01,5xx=0.02 and so on.
func parseFaults(list string) (f simulator.Faults, err error) {
	for item := range strings.SplitSeq(list, ",") {
		name, text, _ := strings.Cut(item, "=")
		p, perr := strconv.ParseFloat(text, 64)
		if perr != nil || !(p >= 0 && p <= 1) {
			return f, fmt.Errorf("parsing --faults %q: %q: want NAME=PROBABILITY with a probability from 0 to 1", list, item)
		}
		to, ok := map[string]*float64{
			"reset": &f.Reset, "5xx": &f.ServerError, "truncate": &f.Truncate, "expire": &f.ExpireToken,
			"close": &f.Close, "header": &f.CloseHeader, "empty": &f.EmptyBody, "bomb": &f.Bomb,
		}[name]
		if !ok {
			return f, fmt.Errorf("parsing --faults %q: %q: want one of reset, 5xx, truncate, expire, close, header, empty, bomb", list, name)
		}
		*to = p
	}
	if sum := f.Sum(); sum > 1 {
		return f, fmt.Errorf("parsing --faults %q: want probabilities that sum to 1 at most, not %g", list, sum)
	}
	return f, nil
}
