// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

const (
	// A body whose length is not known, as of one that is compressed, is read in chunks
	// that grow from firstChunk to lastChunk bytes.
	firstChunk = 64 << 10
	lastChunk  = 1 << 20
)

// bodyReader reads a body into memory that it takes from a place first.
type bodyReader struct {
	place  *place
	time   *timeLimit
	limit  int64
	taken  int64 // in the place, from before the request on
	used   int64 // of that, by chunks
	read   int64
	chunks [][]byte
	list   string // that a body of a known length is scanned for as it comes
	scan   *scan  // of the body; nil: it was not scanned
}

// scan is what a body says of itself.
type scan struct {
	summary *summary
	err     error
}

// begin takes memory for a body of the expected length, before its request is sent.
func (b *bodyReader) begin(ctx context.Context) error {
	return b.take(ctx, min(max(b.place.line.largest.Load(), firstChunk), b.limit))
}

// take waits until there is memory for n bytes more than the chunks have.
func (b *bodyReader) take(ctx context.Context, n int64) error {
	more := b.used + n - b.taken
	if more <= 0 {
		return nil
	}
	if !b.place.TryTake(more) {
		b.time.pause()
		defer b.time.resume()
		if err := b.place.Take(ctx, more); err != nil {
			return fmt.Errorf("waiting for room (max_in_flight_bytes): %w", err)
		}
	}
	b.taken += more
	return nil
}

// whole reads the body of a response.
func (b *bodyReader) whole(ctx context.Context, res *http.Response) ([]byte, error) {
	err := b.pieces(ctx, res)
	if err != nil {
		return nil, err
	}
	body, err := b.joined(ctx)
	if err != nil {
		return nil, err
	}
	b.place.line.read(b.read)
	return body, nil
}

// pieces reads a body into chunks. One of a known length is one chunk.
func (b *bodyReader) pieces(ctx context.Context, res *http.Response) error {
	size := int64(firstChunk)
	if res.ContentLength > b.limit {
		return b.tooLarge()
	} else if res.ContentLength > 0 {
		size = res.ContentLength
	}
	var more [1]byte // what follows a chunk, if anything
	for n := 0; ; size = min(max(2*size, firstChunk), lastChunk) {
		size = min(size, b.limit+1-b.read)
		if err := b.take(ctx, size); err != nil {
			return err
		}
		chunk := make([]byte, size)
		b.used += size
		n = copy(chunk, more[:n])
		read := fill
		if res.ContentLength > 0 && b.chunks == nil && res.StatusCode == http.StatusOK {
			read = b.scanned
		}
		got, err := read(chunk, n, res.Body)
		b.chunks = append(b.chunks, chunk[:got])
		b.read += int64(got)
		if err == nil && b.read <= b.limit {
			if n, err = fill(more[:], 0, res.Body); n > 0 {
				continue
			}
		}
		switch {
		case b.read > b.limit:
			return b.tooLarge()
		case err == io.EOF: // itself: one that is wrapped is a fault of the network
			return nil
		case err != nil:
			return err
		}
	}
}

// fill reads until p, of which from bytes are there, is full or the reader returns an
// error, and returns how many are there then. Unlike [io.ReadFull] it returns that error
// as it is: io.EOF alone is the end of a body.
func fill(p []byte, from int, r io.Reader) (n int, err error) { return fillTo(len(p), p, from, r) }

// fillTo is fill until so many bytes are there: more may be.
func fillTo(enough int, p []byte, from int, r io.Reader) (n int, err error) {
	for n = from; n < enough && err == nil; {
		var more int
		more, err = r.Read(p[n:])
		n += more
	}
	return n, err
}

// scanned is fill for a whole body, which it scans as it comes: what was read just now is
// in the processor's cache, and the next part is on its way.
func (b *bodyReader) scanned(p []byte, from int, r io.Reader) (n int, err error) {
	n = from
	grow := func(bytes int) []byte {
		if err == nil {
			n, err = fillTo(min(bytes, len(p)), p, n, r)
		}
		return p[:n]
	}
	b.scan = &scan{}
	b.scan.summary, b.scan.err = (&document{grow: grow}).summary(b.list)
	grow(len(p)) // what follows a mistake is read too
	return n, err
}

func (b *bodyReader) tooLarge() error {
	return fmt.Errorf("%w (%d): raise it, or ask for less at once", ErrTooLarge, b.limit)
}

// joined returns the chunks as one, without spare capacity worth mentioning.
func (b *bodyReader) joined(ctx context.Context) ([]byte, error) {
	if len(b.chunks) == 1 && cap(b.chunks[0])-len(b.chunks[0]) <= firstChunk {
		return b.chunks[0], nil
	}
	if err := b.take(ctx, b.read); err != nil {
		return nil, err
	}
	body := make([]byte, 0, b.read)
	for _, chunk := range b.chunks {
		body = append(body, chunk...)
	}
	b.chunks, b.used, b.scan = nil, b.read, nil
	return body, nil
}

// end gives back what was taken beyond the body that is returned, if any.
func (b *bodyReader) end(body []byte) {
	b.place.Give(b.taken - int64(cap(body)))
}
