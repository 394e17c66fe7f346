// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxBody is request.bytes.max of the documented limits.
const maxBody = 512_000

// The paths that are no part of the API.
const (
	tokenPath  = "/oauth/token"
	reportPath = "/_simulator/report"
)

// call is one request to the API, as far as the handlers care.
type call struct {
	method, path string
	id           string // what stands for {id} in the route's path
	query        url.Values
	body         map[string]json.RawMessage
	now          time.Time
	cfg          *Config
}

// page is the reply with the n-th page, of so many records.
func (c *call) page(body any, over string, n, records int) reply {
	key := c.method + " " + c.path
	if over != "" {
		key += " " + over
	}
	return reply{body: body, page: key + " page " + strconv.Itoa(n), query: c.fingerprint(), records: records}
}

// fingerprint is of everything in the query but its paging.
func (c *call) fingerprint() uint64 {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(c.body)) {
		if k != "paging" {
			parts = append(parts, k, string(c.body[k]))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(c.query)) {
		if !slices.Contains([]string{"pageSize", "pageNumber", "after", "cursor"}, k) {
			parts = append(append(parts, k), c.query[k]...)
		}
	}
	return hashString(parts...)
}

// rule is what a request's body may and must have at its top level, by hand from
// the request definitions of the public API description.
type rule struct{ allowed, required []string }

// readBody reads a JSON object, and is as strict as the rule.
func readBody(r *http.Request, rule *rule) (map[string]json.RawMessage, *apiError) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return nil, &apiError{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported.media.type",
			Message: "Unsupported media type: want application/json",
		}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, &apiError{
			Status: http.StatusRequestEntityTooLarge, Code: "request.entity.too.large",
			Message: "The request is over the size limit. Maximum bytes: " + strconv.Itoa(maxBody),
		}
	} else if err != nil {
		return nil, badRequest("The request could not be read: %v", err)
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil || body == nil {
		return nil, badRequest("The request could not be understood by the server due to malformed syntax: want a JSON object")
	}
	for _, k := range slices.Sorted(maps.Keys(body)) {
		if !slices.Contains(rule.allowed, k) {
			return nil, badRequest("Unrecognized field %q, not marked as ignorable", k)
		}
	}
	for _, k := range rule.required {
		if v, ok := body[k]; !ok || bytes.Equal(v, []byte("null")) {
			return nil, badRequest("The field %q is required", k)
		}
	}
	return body, nil
}

// bodyValue reads one field of the body; absent leaves the zero value.
func bodyValue[T any](c *call, field string) (T, *apiError) {
	var v T
	raw, ok := c.body[field]
	if !ok {
		return v, nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return v, badRequest("The field %q is malformed: %v", field, err)
	}
	return v, nil
}

// interval is the body's, or a GET's query string's.
func (c *call) interval() (interval, *apiError) {
	text := c.query.Get("interval")
	if c.body != nil {
		var err *apiError
		if text, err = bodyValue[string](c, "interval"); err != nil {
			return interval{}, err
		}
	}
	return parseInterval(text)
}

// pageSpec is PagingSpec of the public API description.
type pageSpec struct {
	Size   *int `json:"pageSize"`
	Number *int `json:"pageNumber"`
}

// bodyPaging is the details queries' paging: 25 at first unless told, 100 at most.
func (c *call) bodyPaging() (size, number int, _ *apiError) {
	if _, ok := c.body["paging"]; !ok {
		return defaultPage, 1, nil
	}
	spec, err := bodyValue[pageSpec](c, "paging")
	if err != nil {
		return 0, 0, err
	}
	if spec.Size == nil || spec.Number == nil {
		return 0, 0, badRequest("The fields \"pageSize\" and \"pageNumber\" of \"paging\" are required")
	}
	return c.checkPaging(*spec.Size, *spec.Number, maxPage)
}

const (
	defaultPage = 25
	maxPage     = 100
)

// queryPaging is pageSize and pageNumber of the query string.
func (c *call) queryPaging(most int) (size, number int, _ *apiError) {
	size, err := c.queryInt("pageSize", defaultPage)
	if err != nil {
		return 0, 0, err
	}
	number, err = c.queryInt("pageNumber", 1)
	if err != nil {
		return 0, 0, err
	}
	return c.checkPaging(size, number, most)
}

func (c *call) queryInt(name string, def int) (int, *apiError) {
	text := c.query.Get(name)
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalidValue(text, name, "an integer")
	}
	return n, nil
}

// checkPaging reads what was asked for, and returns what the service makes of it: a
// page is never larger than [Config.PageCap].
func (c *call) checkPaging(size, number, most int) (int, int, *apiError) {
	if size < 1 || size > most {
		return 0, 0, invalidValue(strconv.Itoa(size), "pageSize", "1 to "+strconv.Itoa(most))
	}
	if number < 1 {
		return 0, 0, invalidValue(strconv.Itoa(number), "pageNumber", "1 and up")
	}
	if c.cfg.PageCap > 0 {
		size = min(size, c.cfg.PageCap)
	}
	return size, number, nil
}

// shortened is the part of total that the page has where pages can hold fewer
// entries than asked for (see [Config.ShortPages]): each starts where the one
// before it ended.
func (c *call) shortened(over string, total, size, number int) (from, to int) {
	if c.cfg.ShortPages == 0 || size < 2 {
		return slice(total, size, number)
	}
	query := hashString(c.path, over)
	for n := 1; n <= number; n++ {
		from, to = to, to+size
		if h := mix(c.cfg.Seed, kindPage, query, uint64(n)); chance(h) < c.cfg.ShortPages {
			to -= int(pick(mix(h), 1, int64(max(1, size/8))))
		}
		if to = min(to, total); from == total {
			break
		}
	}
	return from, to
}

// slice is the part of total that the page has.
func slice(total, size, number int) (from, to int) {
	from = min((number-1)*size, total)
	return from, min(from+size, total)
}

// relative is path with a query string, as a listing's URIs are spelt.
func relative(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return strings.Join([]string{path, q.Encode()}, "?")
}
