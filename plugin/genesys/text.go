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
	// maxText is how many bytes of a text of the server's are told, in an error and
	// so in a log line, a dead letter's header, a command's output.
	maxText = 512
	// maxExcerpt is how many of one that is told inside of a sentence.
	maxExcerpt = 64
	maxID      = 128
	// maxRead is how much of a text is looked at, to tell the little of it, and how
	// much of the body of an error is read.
	maxRead      = 64 << 10
	redactedText = "[redacted]"
)

// Printable is the beginning of a text that somebody else wrote, in one line:
// control characters, and others that a terminal does not show as they are, are
// escaped.
func Printable(text string) string { return clip(text, maxText) }

// OneLine is a text that may quote somebody else, whole and in one line, escaped
// like that.
func OneLine(text string) string { return clip(text, maxRead) }

// clip is the beginning of a text, of at most limit bytes.
func clip(text string, limit int) string {
	const more = "..."
	var b strings.Builder
	end := 0 // where there is still room for more
	for i, r := range text[:min(len(text), maxRead)] {
		shown := shownAs(text, i, r)
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

// shownAs is the character of a text at i.
func shownAs(text string, i int, r rune) string {
	switch {
	case r == utf8.RuneError && text[i] != "\uFFFD"[0]:
		return fmt.Sprintf(`\x%02x`, text[i])
	case strconv.IsPrint(r):
		return string(r)
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1]
}

// words tell what the server says: short, in one line, and without the client's
// secret, which a login host or a gateway may repeat. None are for who has no
// secret.
type words struct{ secrets []string }

// newWords are those of a client. The Basic form is looked for without its padding.
func newWords(id, secret string) *words {
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
	return &words{slices.Compact(secrets)}
}

// redact takes the secrets out of the beginning of a text. Where that is cut, a
// part of a secret may be its end, so that goes too.
func (w *words) redact(text string) string {
	if len(text) > maxRead {
		text = text[:maxRead]
		if w != nil {
			text = text[:max(0, maxRead-len(w.secrets[0]))]
		}
	}
	if w == nil {
		return text
	}
	for _, secret := range w.secrets {
		text = strings.ReplaceAll(text, secret, redactedText)
	}
	return text
}

// text is a text of the server's as it is told: its lines as one.
func (w *words) text(text string) string {
	return clip(strings.Join(strings.Fields(w.redact(text)), " "), maxText)
}

// excerpt is the little of it that is told inside of a sentence.
func (w *words) excerpt(text string) string { return clip(w.redact(text), maxExcerpt) }

// quote is an excerpt in quotes.
func (w *words) quote(text string) string {
	return `"` + strings.ReplaceAll(w.excerpt(text), `"`, `\"`) + `"`
}

// id is one that the server gave, for whoever is to be asked about it.
func (w *words) id(text string) string { return clip(w.redact(text), maxID) }

// told is an error whose text is in part the server's.
type told struct {
	text  string
	cause error
}

func (e *told) Error() string { return e.text }

func (e *told) Unwrap() error { return e.cause }

// err is an error that may quote the server, as it is told. Its kind is as it was.
// The URL of a request is left out: its query can name people, and errors name the
// path.
func (w *words) err(err error) error {
	if short := w.text(withoutURL(err)); short != err.Error() {
		return &told{short, err}
	}
	return err
}

// PrintableError is an error with its text made [Printable]. It wraps err.
func PrintableError(err error) error { return (*words)(nil).err(err) }

func withoutURL(err error) string {
	var at *url.Error
	if !errors.As(err, &at) {
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), at.Error(), withoutURL(at.Err))
}
