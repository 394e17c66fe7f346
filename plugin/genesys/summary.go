// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"fmt"
	"strconv"
	"strings"
)

// summary is what is read of a response: as much as it takes to count records and to find
// the next page. Bodies are passed on as they came.
type summary struct {
	records   int    // length of the page's list
	content   []byte // the list, a part of the body
	listed    bool   // the list is there
	bare      bool   // the document is the list
	total     *int64 // records of all pages: totalHits or total
	pageCount *int64
	nextURI   string
	cursor    string
	after     string // of the document itself, or of its cursors

	// Of responses about a job and about the availability of data.
	jobID, state, errorMessage string
	available                  string // dataAvailabilityDate

	// Of errors (ErrorBody of the public API description).
	message, code string
	status        *int64

	// malformed are values of the wrong type, by name; redactor prepares them for errors.
	malformed map[string]string
	redactor  *Redactor
}

// scanSummary reads a JSON document in one pass, in whatever order its names come,
// without building it. An empty list stands for the longest list at the top, and
// [WholeDocument] for the document. Of a name that comes twice the last value counts. A
// document must be an object, or for an endpoint that is not in the table a list.
func scanSummary(body []byte, list string) (*summary, error) {
	return (&document{text: body}).summary(list)
}

func (d *document) summary(list string) (*summary, error) {
	s := &summary{}
	err := s.readDocument(d, list)
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoJSON, err)
	}
	return s, nil
}

func (s *summary) readDocument(d *document, list string) error {
	switch d.peek() {
	case '{':
		if list == WholeDocument {
			s.listed, s.records = true, 1
		}
		return d.members(func(name string) error { return s.readMember(d, name, list) })
	case '[':
		if list == "" { // of an endpoint that is not in the table
			s.bare = true
			return s.count(d, true)
		}
	}
	value, err := d.value()
	if err != nil {
		return err
	}
	return fmt.Errorf("want an object, got %s", keep(value))
}

func (s *summary) readMember(d *document, name, list string) (err error) {
	kind := d.peek()
	switch {
	case kind == '[' && (name == list || list == ""):
		return s.count(d, name == list)
	case name == list:
		s.listed, s.records = false, 0 // null, or of another type: as if absent
		_, err = d.value()
	case name == "totalHits" || name == "total":
		s.total, err = s.readInt(d, "")
	case name == "pageCount":
		s.pageCount, err = s.readInt(d, name)
	case name == "status":
		s.status, err = s.readInt(d, "")
	case name == "cursors" && kind == '{':
		err = d.members(func(name string) error {
			if name == "after" {
				return s.readText(d, name, &s.after)
			}
			_, err := d.value()
			return err
		})
	default:
		err = s.readText(d, name, s.text(name))
	}
	return err
}

// text returns where the text of a member is kept; nil for one that is not.
func (s *summary) text(name string) *string {
	switch name {
	case "nextUri":
		return &s.nextURI
	case "cursor":
		return &s.cursor
	case "after":
		return &s.after
	case "jobId":
		return &s.jobID
	case "state":
		return &s.state
	case "errorMessage":
		return &s.errorMessage
	case "dataAvailabilityDate":
		return &s.available
	case "message":
		return &s.message
	case "code":
		return &s.code
	}
	return nil
}

// count counts the elements of the list that comes next. Of several candidates
// the longest is taken, the first among equals.
func (s *summary) count(d *document, named bool) error {
	n, content, err := d.elements()
	if err == nil && (named || !s.listed || n > s.records) {
		s.listed, s.records, s.content = true, n, content
	}
	return err
}

// readInt reads a whole number, also one that is written as 2.0 or "2"; null is
// absent. What is neither is malformed under the name; with no name it counts as
// absent too.
func (s *summary) readInt(d *document, name string) (*int64, error) {
	value, err := d.value()
	if err != nil {
		return nil, err
	}
	s.forgive(name)
	text := strings.Trim(string(value), `"`)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return &n, nil
	}
	// Beyond 2^53 a float is not exact, and no page has such a number.
	if f, err := strconv.ParseFloat(text, 64); err == nil && f == float64(int64(f)) && f < 1<<53 && f > -1<<53 {
		n := int64(f)
		return &n, nil
	}
	s.refuse(name, value)
	return nil, nil //nolint:nilnil // absent
}

// readText reads a string, and a number as it is written; null is absent. Any
// other value is malformed.
func (s *summary) readText(d *document, name string, into *string) error {
	value, err := d.value()
	if err != nil || into == nil {
		return err
	}
	*into = ""
	s.forgive(name)
	switch c := value[0]; {
	case c == '"':
		*into = unquote(value)
	case c == '-' || '0' <= c && c <= '9':
		*into = string(value)
	default:
		s.refuse(name, value)
	}
	return nil
}

// refuse notes a value that is there and cannot be read.
func (s *summary) refuse(name string, value []byte) {
	if name == "" || value[0] == 'n' {
		return
	}
	if s.malformed == nil {
		s.malformed = map[string]string{}
	}
	s.malformed[name] = keep(value)
}

// forgive forgets an earlier value of the same name: the last counts.
func (s *summary) forgive(name string) { delete(s.malformed, name) }

// readable returns an error if one of the named values is malformed, which must not be
// taken for absent.
func (s *summary) readable(names ...string) error {
	for _, name := range names {
		if value, ok := s.malformed[name]; ok {
			return fmt.Errorf("%s is %s: %w", name, s.redactor.excerpt(value), errNoContinuation)
		}
	}
	return nil
}

// fault returns the error that a body with a 2xx status reports; nil if it is none. A body
// with records in its list is a page, whatever else it has.
func (s *summary) fault(list string) error {
	refused := s.status != nil && *s.status >= 400
	isError := s.message != "" && (s.code != "" || refused)
	if list == WholeDocument {
		isError = s.message != "" && s.code != "" && refused
	} else if s.records > 0 {
		isError = false
	}
	if !isError {
		return nil
	}
	return fmt.Errorf("%w%s%s", errErrorBody, unlessEmpty(": ", s.redactor.text(s.code), ""), unlessEmpty(": ", s.redactor.text(s.message), ""))
}

// maxKept is how much of a value is kept, to tell an excerpt of it.
const maxKept = 4 << 10

func keep(value []byte) string { return string(value[:min(len(value), maxKept)]) }
