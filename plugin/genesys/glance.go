// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// lenient takes what a server may send and a strict reader would refuse: the
// page leaves as it came, so nothing in it is ours to judge.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// glance is the little that must be read from a page to count and to go on.
// Everything else leaves as it came.
type glance struct {
	records   int    // length of the page's list
	listed    bool   // the list is there
	total     *int64 // all hits, as far as the service knows
	pageCount *int64
	nextURI   string
	cursor    string
	after     string // of its own, or in cursors

	// What the answers about a job have.
	jobID, state, errorMessage string
	available                  string // dataAvailabilityDate
}

// readGlance passes once over a whole JSON document, in whatever order its keys
// come, without building it. An empty list name stands for the first list, and
// [Itself] for the document. Of a key that comes twice the last counts.
func readGlance(body []byte, list string) (glance, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), lenient)
	var g glance
	err := g.readDocument(d, list)
	if err == nil {
		if _, end := d.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("more follows after the document")
		}
	}
	if err != nil {
		return glance{}, fmt.Errorf("%w: %w", errNoJSON, err)
	}
	return g, nil
}

func (g *glance) readDocument(d *jsontext.Decoder, list string) error {
	switch d.PeekKind() {
	case '{':
		if list == Itself {
			g.listed, g.records = true, 1
		}
	case '[':
		return g.count(d)
	default:
		return d.SkipValue()
	}
	return readObject(d, func(name string) error { return g.readMember(d, name, list) })
}

// readObject calls member before each value of the object that comes next.
func readObject(d *jsontext.Decoder, member func(name string) error) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

func (g *glance) readMember(d *jsontext.Decoder, name, list string) (err error) {
	kind := d.PeekKind()
	switch {
	case kind == '[' && (name == list || list == "" && !g.listed):
		return g.count(d)
	case name == "totalHits" || name == "total":
		g.total, err = readInt(d)
	case name == "pageCount":
		g.pageCount, err = readInt(d)
	case name == "cursors" && kind == '{':
		err = readObject(d, func(name string) error {
			if name == "after" {
				return readText(d, &g.after)
			}
			return d.SkipValue()
		})
	default:
		return readText(d, g.text(name))
	}
	return err
}

// text is where a member of text belongs; nil where it is none of ours.
func (g *glance) text(name string) *string {
	switch name {
	case "nextUri":
		return &g.nextURI
	case "cursor":
		return &g.cursor
	case "after":
		return &g.after
	case "jobId":
		return &g.jobID
	case "state":
		return &g.state
	case "errorMessage":
		return &g.errorMessage
	case "dataAvailabilityDate":
		return &g.available
	}
	return nil
}

// count counts the elements of the list that comes next.
func (g *glance) count(d *jsontext.Decoder) error {
	g.listed, g.records = true, 0
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := d.SkipValue(); err != nil {
			return err
		}
		g.records++
	}
	_, err := d.ReadToken()
	return err
}

// readInt reads a number; anything else, null above all, counts as absent.
func readInt(d *jsontext.Decoder) (*int64, error) {
	value, err := d.ReadValue()
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // no integer: as if absent
	}
	return &n, nil
}

// readText reads a string; anything else counts as absent.
func readText(d *jsontext.Decoder, into *string) error {
	if into == nil {
		return d.SkipValue()
	}
	*into = ""
	if d.PeekKind() != '"' {
		return d.SkipValue()
	}
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	*into = token.String()
	return nil
}
