// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// whole reports whether a text is one document, and nothing after it.
func whole(text []byte) bool {
	d := &document{text: text}
	_, err := d.value()
	return err == nil && d.end() == nil
}

// wellFormed and malformed texts, some of which only a reader of eight bytes at a time
// could take for the other.
var (
	wellFormed = []string{
		`0`, `-0`, `-0.5e+10`, `1E5`, `12.50`, `true`, `false`, `null`, ` "" `, `[]`, `{}`, "\t[ 1 ,\r\n2 ]", `{"a":{},"a":[{}]}`,
		`"a\"b"`, `"\\"`, `"\u00e9\ud800"`, `"0123456789abcdef"`, `"0123456789abcdef\n"`, "\"\x7f\xff \u00e9\"", `"!#"`,
		`[["a",1],{"b":"0123456789012345678901234567890"}]`,
		strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
	}
	malformed = []string{
		``, ` `, `{`, `[`, `"`, `"a`, `"\`, `"\u`, `"\u12`, `"\u123g"`, `"\x"`, `tru`, `truE`, `nul`, `-`, `+1`, `01`, `1.`, `.5`, `1e`, `1e+`,
		`[1,]`, `[,1]`, "{}\x00", `[1 2]`, `[1}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{1:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1]`, `1 2`, `{}{}`, `{} x`, `<html>`,
		"\"a\nb\"", "\"0123456\x1f\"", "\"0123456789abcde\x00\"", "\v1", "\xef\xbb\xbf{}", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	}
)

func TestADocumentIsWhatTheStandardLibraryTakesForOne(t *testing.T) {
	for want, texts := range map[bool][]string{true: wellFormed, false: malformed} {
		for _, text := range texts {
			assert.Equal(t, want, json.Valid([]byte(text)), "the table is wrong about %.40q", text)
			assert.Equal(t, want, whole([]byte(text)), "%.40q", text)
			inside := fmt.Sprintf(`{"a":["01234567",%s]}`, text)
			assert.Equal(t, json.Valid([]byte(inside)), whole([]byte(inside)), "%.40q", inside)
		}
	}
}

// TestADocumentMayBeAsDeepAsTheStandardLibraryTakes, of objects and with something inside.
func TestADocumentMayBeAsDeepAsTheStandardLibraryTakes(t *testing.T) {
	for depth, want := range map[int]bool{maxDepth: true, maxDepth + 1: false} {
		for opening, closing := range map[string]string{`{"a":`: "}", "[": "]"} {
			for _, inside := range []string{"1", `""`} {
				text := []byte(strings.Repeat(opening, depth) + inside + strings.Repeat(closing, depth))
				assert.Equal(t, want, json.Valid(text), "the test is wrong")
				assert.Equal(t, want, whole(text), "%d times %s around %s", depth, opening, inside)
			}
		}
	}
}

// TestStringsOfAllKindsAreTakenAsTheStandardLibraryTakesThem: what stands for itself is
// looked at sixteen bytes at a time, and among it stands what does not.
func TestStringsOfAllKindsAreTakenAsTheStandardLibraryTakesThem(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	odd := []string{`\"`, `\\`, `\n`, `\u00e9`, `\x`, `\5`, `"`, "\x01", "\x1f", "\x7f", "\xff", "é"}
	for range 100_000 {
		text := []byte{'"'}
		for range 40 {
			if random.IntN(20) == 0 {
				text = append(text, odd[random.IntN(len(odd))]...)
				continue
			}
			text = append(text, byte('#'+random.IntN('['-'#'+1)))
		}
		text = append(text, '"')
		if json.Valid(text) != whole(text) {
			t.Fatalf("%q is a string: %t", text, json.Valid(text))
		}
	}
}

// TestEachByteOfAPageCounts: a page is cut, or one byte of it is another, anywhere.
func TestEachByteOfAPageCounts(t *testing.T) {
	page := []byte(`{"conversations":[{"a":"0123456789abcdef","b\n":[-1.5e3,true]},{"\u00e9":null}],"totalHits":12}`)
	for i := range page {
		assert.False(t, whole(page[:i]), "cut at %d", i)
		for _, b := range []byte("\x00\n \"\\0a,:{}[]\xff") {
			spoilt := append(append(page[:i:i], b), page[i+1:]...)
			assert.Equal(t, json.Valid(spoilt), whole(spoilt), "%s", spoilt)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, text := range append(wellFormed, malformed...) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if whole(text) != json.Valid(text) {
			t.Errorf("%q is a document: %t", text, json.Valid(text))
		}
		compareArriving(t, text)
		compareMembers(t, text)
	})
}

func compareMembers(t *testing.T, text []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	if json.Unmarshal(text, &want) != nil || want == nil {
		return
	}
	got := map[string]bool{}
	d := &document{text: text}
	err := d.members(func(name string) error {
		got[name] = true
		_, err := d.value()
		return err
	})
	if err != nil || len(got) != len(want) {
		t.Errorf("%q has the members %v: %v, and %v", text, want, got, err)
	}
	for name := range want {
		if !got[name] {
			t.Errorf("%q has a member %q", text, name)
		}
	}
}

func compareArriving(t *testing.T, text []byte) {
	t.Helper()
	if len(text) > 1000 { // its time grows with the square
		return
	}
	want, wantErr := scanSummary(text, "entities")
	got, err := byByte(text).summary("entities")
	if !assert.ObjectsAreEqual(want, got) || fmt.Sprint(wantErr) != fmt.Sprint(err) {
		t.Errorf("%q is %v, %v; as it arrives, %v, %v", text, want, wantErr, got, err)
	}
}
