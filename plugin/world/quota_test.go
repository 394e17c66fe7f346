// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// order is what an answer says of the tenant's quota. Wait is what it comes to by
// CONTRACT section 3, from the arrival of its header on; it is known here because the
// answer is made from it, and not read.
type order struct {
	status    int // of a refusal; 0: the request is served
	throttled bool
	wait      time.Duration
	zero      bool // it is throttled without a positive time
	remaining int  // shown, where counted
	counted   bool
	reset     time.Duration
	resets    bool
	lines     []string
	body      string
	slowBody  time.Duration
	text      string
	date      time.Time // of the answer, by the tenant's clock
}

var orderForms = []string{
	"seconds", "seconds", "fraction", "date", "rfc850", "asctime", "two headers", "joined", "joined with a date", "body", "slow body", "slow body", "slow body",
	"unreadable", "negative", "none", "none", "zero", "zero", "zero", "zero", "on a 200", "on a 500",
}

// admitLocked counts a request, and says what the quota makes of it.
func (t *tenant) admitLocked(a *ask, now time.Time) order {
	p := t.w.plan
	t.openLocked(now)
	if e := t.w.during("the tenant throttles"); e != nil {
		return t.orderLocked(a, e.form, time.Duration(e.n)*time.Second, now)
	}
	if p.strict && now.Sub(t.refused) < 5*time.Second {
		return t.orderLocked(a, "slow body", 40*time.Second, now)
	}
	if p.bucket > 0 && t.used >= p.bucket {
		wait := (t.windowEnd.Sub(now) + time.Second - 1).Truncate(time.Second)
		form := orderForms[p.chance.below(12, "form", t.windowEnd.Unix())]
		return t.orderLocked(a, form, max(wait, time.Second), now)
	}
	t.used++
	o := order{date: t.date(now)}
	t.showLocked(&o, a, now)
	return o
}

// openLocked opens a window where there is none, and takes out of it what other
// applications use.
func (t *tenant) openLocked(now time.Time) {
	if !now.Before(t.windowEnd) {
		t.windowEnd, t.used = now.Add(t.w.plan.window), 0
	}
	if e := t.w.during("other applications drain the budget"); e != nil {
		t.used += e.n
	}
}

// showLocked adds what is left, where the tenant shows it.
func (t *tenant) showLocked(o *order, a *ask, now time.Time) {
	p := t.w.plan
	if p.headers == "" || p.bucket == 0 || t.w.during("the budget is not shown") != nil || a.class == classStock {
		return
	}
	o.counted, o.remaining = true, max(0, p.bucket-t.used)
	left := (t.windowEnd.Sub(now) + time.Second - 1).Truncate(time.Second)
	o.reset = max(left, time.Second)
	o.resets = p.resets != "none"
	o.lines = append(o.lines, t.budgetLines(o)...)
	if o.remaining > t.w.reserve() {
		return
	}
	if o.resets {
		o.wait = max(o.wait, o.reset)
	} else {
		o.wait = max(o.wait, p.fallback)
	}
}

// date is the time by the tenant's clock, as an answer's Date has it.
func (t *tenant) date(now time.Time) time.Time {
	skew := t.w.plan.skew
	if e := t.w.during("the tenant's clock jumps"); e != nil {
		skew += time.Duration(e.n) * time.Second
	}
	return now.Add(skew).UTC().Truncate(time.Second)
}

func (t *tenant) budgetLines(o *order) []string {
	p := t.w.plan
	reset := fmt.Sprint(int(o.reset / time.Second))
	at := o.date.Add(o.reset)
	switch p.resets {
	case "unix":
		reset = fmt.Sprint(at.Unix())
	case "milli":
		reset = fmt.Sprint(at.UnixMilli())
	case "date":
		reset = at.Format(http.TimeFormat)
	}
	triple := func(limit, left, resetName string, remaining int) []string {
		lines := []string{fmt.Sprintf("%s: %d", limit, p.bucket), fmt.Sprintf("%s: %d", left, remaining)}
		if o.resets {
			lines = append(lines, resetName+": "+reset)
		}
		return lines
	}
	switch p.headers {
	case "x":
		return triple("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", o.remaining)
	case "inin":
		return triple("inin-ratelimit-allowed", "inin-ratelimit-count", "inin-ratelimit-reset", p.bucket-o.remaining)
	case "triple":
		return triple("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", o.remaining)
	}
	o.resets = true
	return []string{fmt.Sprintf(`RateLimit: "default";r=%d;t=%d`, o.remaining, int(o.reset/time.Second))}
}

// orderLocked refuses a request, with a pause in one of the forms there are.
func (t *tenant) orderLocked(a *ask, form string, wait time.Duration, now time.Time) order {
	p, seconds := t.w.plan, int(wait/time.Second)
	o := order{status: 429, throttled: true, date: t.date(now), text: "throttled (" + form + ")", body: "too many requests"}
	if p.chance.share(30, "503", a.key, a.n) {
		o.status = 503
	}
	date := o.date.Add(wait)
	after := func(value string) { o.lines = append(o.lines, "Retry-After: "+value) }
	o.wait = wait
	switch form {
	case "seconds":
		after(fmt.Sprint(seconds))
	case "fraction":
		after(fmt.Sprintf("%d.2", seconds-1))
	case "date":
		after(date.Format(http.TimeFormat))
	case "rfc850":
		after(date.Format("Monday, 02-Jan-06 15:04:05 GMT"))
	case "asctime":
		after(date.Format(time.ANSIC))
	case "two headers":
		after("0")
		after(fmt.Sprint(seconds))
	case "joined":
		after(fmt.Sprintf("%d, 0", seconds))
	case "joined with a date":
		after("0, " + date.Format(http.TimeFormat))
	case "on a 200", "on a 500":
		return t.orderBeside(o, a, form, seconds, now)
	default:
		t.unheaded(&o, form, seconds, after)
	}
	t.showLocked(&o, a, now)
	if o.wait < 0 { // no time at all
		o.wait = p.fallback
		if o.resets {
			o.wait = o.reset
		}
	}
	o.zero = o.wait == 0
	return o
}

// unheaded are the forms without a readable Retry-After, and that which is zero.
func (*tenant) unheaded(o *order, form string, seconds int, after func(string)) {
	const sentence = "Rate limit exceeded the maximum. Retry the request in [%d] seconds"
	switch form {
	case "zero":
		after("0")
		o.wait = 0
	case "unreadable":
		after("badbadbad")
		o.body = fmt.Sprintf(sentence, seconds)
	case "negative":
		after("-2")
		o.wait = -1
	case "body":
		o.body = fmt.Sprintf(sentence, seconds)
	case "slow body":
		o.body, o.slowBody = fmt.Sprintf(sentence, seconds), time.Duration(1+seconds%7)*time.Second
	default:
		o.wait = -1
	}
}

// orderBeside orders a pause with an answer that is no refusal for the quota's sake.
func (t *tenant) orderBeside(o order, a *ask, form string, seconds int, now time.Time) order {
	o.throttled, o.status, o.text = false, 0, "ordered "+form
	o.lines = append(o.lines, fmt.Sprintf("Retry-After: %d", seconds))
	if form == "on a 500" {
		o.status, o.body = 500, "unwell"
	}
	t.showLocked(&o, a, now)
	return o
}

// refusal is the answer of an order that has a status.
func (*tenant) refusal(o order) reply {
	return reply{status: o.status, header: http.Header{}, body: fmt.Appendf(nil, `{"message":%q,"code":"too.many.requests","status":%d}`, o.body, o.status)}
}

// text is an answer as it is written, its header and its body.
func (*tenant) text(x reply, o order, closes bool) (head string, body []byte) {
	if x.isRaw {
		return x.raw, nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: application/json\r\n", x.status, http.StatusText(x.status), o.date.Format(http.TimeFormat))
	for _, line := range o.lines {
		b.WriteString(line + "\r\n")
	}
	if x.encoding != "" {
		b.WriteString("Content-Encoding: " + x.encoding + "\r\n")
	}
	if closes {
		b.WriteString("Connection: close\r\n")
	}
	if x.status != http.StatusNoContent {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(x.body))
	}
	b.WriteString("\r\n")
	return b.String(), x.body
}
