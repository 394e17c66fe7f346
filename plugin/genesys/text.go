// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxText is the longest text of a server in an error, and so in a log line, in the
	// header of a dead letter and in a command's output; maxExcerpt is that of one that
	// is quoted inside of a sentence, and maxID that of an identifier. All in bytes.
	maxText    = 512
	maxExcerpt = 64
	maxID      = 128
	// maxRead is how many bytes of a text are looked at for those, and how many of the
	// body of an error are read.
	maxRead      = 64 << 10
	redactedText = "[redacted]"
)

// Printable returns the beginning, of at most 512 bytes, of a text that comes from
// outside, as one line: control characters, and others that a terminal does not show as
// they are, are escaped.
func Printable(text string) string { return clip(text, maxText) }

// OneLine returns a text escaped as by [Printable], but up to 64 KiB of it.
func OneLine(text string) string { return clip(text, maxRead) }

// clip returns the beginning of a text, of at most limit bytes once escaped.
func clip(text string, limit int) string {
	const more = "..."
	var b strings.Builder
	end := 0 // up to where there is still room for more
	for i, r := range text[:min(len(text), maxRead)] {
		shown := escaped(text, i, r)
		if b.Len()+len(shown) > limit {
			return b.String()[:end] + more
		}
		b.WriteString(shown)
		if b.Len() <= limit-len(more) {
			end = b.Len()
		}
	}
	return b.String()
}

// escaped returns the rune r at text[i] as it is shown.
func escaped(text string, i int, r rune) string {
	switch {
	case r == utf8.RuneError && text[i] != "\uFFFD"[0]:
		return fmt.Sprintf(`\x%02x`, text[i])
	case strconv.IsPrint(r):
		return string(r)
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}

// Redactor prepares texts that come from the server for errors: short, in one line, and
// without the client's secret, which a login host or a gateway may echo. A nil Redactor
// knows no secret.
type Redactor struct{ secrets []string } // longest first

// NewRedactor returns the one of a client, which finds the secret in each form in which
// it is sent. The Basic form (RFC 7617, section 2) is looked for without its padding.
func NewRedactor(id, secret string) *Redactor {
	if secret == "" {
		return nil
	}
	pair := []byte(id + ":" + secret)
	quoted := strconv.Quote(secret)
	secrets := []string{
		base64.RawStdEncoding.EncodeToString(pair), base64.RawURLEncoding.EncodeToString(pair),
		secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret),
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // a part of one must not hide the rest
	return &Redactor{slices.Compact(secrets)}
}

// Redact returns the beginning of a text without the secrets. Where the text may have been
// cut it may end in a part of one, so as much as the longest is cut off too.
func (r *Redactor) Redact(text string) string {
	cut := len(text) >= maxRead
	text = text[:min(len(text), maxRead)]
	if r == nil {
		return text
	}
	for _, secret := range r.secrets {
		text = strings.ReplaceAll(text, secret, redactedText)
	}
	if cut {
		text = text[:max(0, len(text)-len(r.secrets[0]))]
	}
	return text
}

// text returns a text redacted, with its lines and runs of white space joined.
func (r *Redactor) text(text string) string {
	return clip(strings.Join(strings.Fields(r.Redact(text)), " "), maxText)
}

// excerpt returns a text redacted, as short as fits into a sentence.
func (r *Redactor) excerpt(text string) string { return clip(r.Redact(text), maxExcerpt) }

// quote returns an excerpt in quotes.
func (r *Redactor) quote(text string) string {
	return `"` + strings.ReplaceAll(r.excerpt(text), `"`, `\"`) + `"`
}

func quoted(text string) string { return (*Redactor)(nil).quote(text) }

// id returns an identifier of the server's redacted.
func (r *Redactor) id(text string) string { return clip(r.Redact(text), maxID) }

// redactedError is an error with another text.
type redactedError struct {
	text  string
	cause error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.cause }

// Err returns an error that may quote the server with its text redacted. It wraps err.
// The URL of a request is left out: its query can name people, and errors name the path.
func (r *Redactor) Err(err error) error {
	if short := r.text(withoutURL(err)); short != err.Error() {
		return &redactedError{short, err}
	}
	return err
}

// PrintableError returns err with its text made [Printable]. It wraps err.
func PrintableError(err error) error { return (*Redactor)(nil).Err(err) }

func withoutURL(err error) string {
	at, ok := errors.AsType[*url.Error](err)
	if !ok {
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), at.Error(), withoutURL(at.Err))
}
