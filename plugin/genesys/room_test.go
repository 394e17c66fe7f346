// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAsMuchIsTakenAsTheLargestBodyHad before a request of its line is sent, so that what
// comes back fits: by then it is too late to wait.
func TestAsMuchIsTakenAsTheLargestBodyHad(t *testing.T) {
	f, size, taken := &fake{}, 0, []int64{}
	c, q := f.client(t), known(t, summaryPath)
	f.api = func(w http.ResponseWriter, r *http.Request) {
		taken = append(taken, c.InFlight())
		answer(200, `{"entities":[1],"pageCount":1,"text":"`+strings.Repeat("x", size)+`"}`)(w, r)
	}
	line := c.Line()
	for _, size = range []int{300_000, 5, 400_000, 350_000, 0} {
		ctx, leave := line.Join(t.Context())
		_, err := first(ctx, c, q)
		require.NoError(t, err)
		leave()
	}
	const around = int64(len(`{"entities":[1],"pageCount":1,"text":""}`))
	assert.Equal(t, []int64{firstChunk, 300_000 + around, 300_000 + around, 400_000 + around, 400_000 + around}, taken)
}

// TestABodyIsReadByteForByte, whatever its length is said to be, and takes the room
// that it takes.
func TestABodyIsReadByteForByte(t *testing.T) {
	f := &fake{}
	c := f.client(t, func(c *Config) { c.MaxResponseBytes = 20 << 20 })
	for _, size := range []int{0, 1, 2, 511, firstChunk - 1, firstChunk, firstChunk + 1, 3*firstChunk - 1, 3 * firstChunk, 3*firstChunk + 1, 9 << 20} {
		for _, told := range []bool{true, false} {
			sent := make([]byte, size)
			for i := range sent {
				sent[i] = byte(rand.IntN(256))
			}
			for name, body := range map[string]io.Reader{
				"at once": bytes.NewReader(sent), "end with the data": iotest.DataErrReader(bytes.NewReader(sent)), "in halves": iotest.HalfReader(bytes.NewReader(sent)),
			} {
				ctx, leave := c.Line().Join(t.Context())
				res := &http.Response{StatusCode: 200, Body: io.NopCloser(body), ContentLength: -1}
				if told {
					res.ContentLength = int64(size)
				}
				p, _ := c.placeOf(ctx)
				end := p.Fetch()
				reader := &bodyReader{place: p, time: &timeLimit{}, limit: c.config.MaxResponseBytes}
				got, err := reader.whole(ctx, res)
				reader.end(got)
				end()
				require.NoError(t, err)
				assert.True(t, bytes.Equal(sent, got), "%d %s", size, name)
				assert.EqualValues(t, cap(got), c.InFlight(), "%d %s", size, name)
				assert.LessOrEqual(t, cap(got), size+firstChunk+1)
				leave()
				assert.Zero(t, c.InFlight())
			}
		}
	}
}

// TestABodyThatIsCutIsNoBody, where its length is not told too.
func TestABodyThatIsCutIsNoBody(t *testing.T) {
	for _, size := range []int{0, 10, firstChunk, firstChunk + 1} {
		for _, length := range []int64{-1, int64(size) + 5} {
			f := &fake{}
			c := f.client(t, func(config *Config) {
				config.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
					if req.URL.Host == "login.test" {
						return f.RoundTrip(req)
					}
					cut := io.MultiReader(strings.NewReader(strings.Repeat(" ", size)), iotest.ErrReader(io.ErrUnexpectedEOF))
					return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(cut), ContentLength: length, Request: req}, nil
				})
			})
			_, err := c.do(t.Context(), request{method: "GET", path: "/api/v2/x"})
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Zero(t, c.InFlight())
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestAnAnswerThatIsTooLargeIsNotRead, where it says so.
func TestAnAnswerThatIsTooLargeIsNotRead(t *testing.T) {
	f := &fake{}
	c := f.client(t, func(config *Config) {
		config.Base = roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "login.test" {
				return f.RoundTrip(req)
			}
			body := iotest.ErrReader(errors.New("it was read"))
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: 1 << 40, Request: req}, nil
		})
	})
	_, err := c.do(t.Context(), request{method: "GET", path: "/api/v2/x"})
	require.ErrorIs(t, err, ErrTooLarge)
	assert.Zero(t, c.InFlight())
}

// TestWaitingForRoomIsNoTimeOfTheExchange: a body that waits for longer than
// request_timeout is read to its end, and not asked for again.
func TestWaitingForRoomIsNoTimeOfTheExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := `{"entities":["` + strings.Repeat("x", 300<<10) + `"],"pageCount":1}`
		var asked atomic.Int32
		f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			answer(200, large)(w, r)
		}}
		c := f.client(t, func(c *Config) { c.MaxInFlightBytes, c.RequestTimeout, c.Base = 500<<10, time.Minute, bound{f} })
		line, q := c.Line(), known(t, summaryPath)
		first, leaveFirst := line.Join(t.Context())
		second, leaveSecond := line.Join(t.Context())
		began, out := time.Now(), make(chan error)
		go func() {
			out <- c.Source(q, someDay, nil).Read(first, Cursor{}, func(Page) error { time.Sleep(time.Hour); return nil })
			leaveFirst()
		}()
		go func() {
			out <- c.Source(q, someDay, nil).Read(second, Cursor{}, func(Page) error { return nil })
			leaveSecond()
		}()
		require.NoError(t, <-out)
		require.NoError(t, <-out)
		assert.Equal(t, time.Hour, time.Since(began))
		assert.EqualValues(t, 2, asked.Load())
		assert.Zero(t, c.InFlight())
	})
}

// bound is a tenant whose bodies end with their exchanges, as those of a socket do.
type bound struct{ *fake }

func (b bound) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.fake.RoundTrip(req)
	if err == nil {
		res.Body = boundTo{res.Body, req.Context()}
	}
	return res, err
}

type boundTo struct {
	io.ReadCloser
	ctx context.Context //nolint:containedctx // as net/http has it
}

func (b boundTo) Read(p []byte) (int, error) {
	if err := context.Cause(b.ctx); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p)
}

// TestAReadingTakesTwoPages: the one that leaves, and the one after it.
func TestAReadingTakesTwoPages(t *testing.T) {
	const pages, size = 12, 200 << 10
	f := &fake{api: func(w http.ResponseWriter, r *http.Request) {
		body := fmt.Sprintf(`{"entities":["%s%s"],"pageCount":%d}`, r.URL.Query().Get("pageNumber"), strings.Repeat("x", size), pages)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = io.WriteString(w, body)
	}}
	c := f.client(t)
	ctx, leave := c.Line().Join(t.Context())
	defer leave()
	n := 0
	require.NoError(t, c.Source(known(t, summaryPath), someDay, nil).Read(ctx, Cursor{}, func(Page) error {
		n++
		assert.Less(t, c.InFlight(), int64(3*size), "page %d", n)
		return nil
	}))
	assert.Equal(t, pages, n)
	assert.Zero(t, c.InFlight())
}

// TestNothingStaysInTheRoom, whatever becomes of a reading.
func TestNothingStaysInTheRoom(t *testing.T) {
	const jobs = "/api/v2/analytics/conversations/details/jobs"
	tests := map[string]struct {
		path  string
		serve http.HandlerFunc
	}{
		"pages":            {summaryPath, answer(200, `{"entities":[1,2,3],"pageCount":1}`)},
		"an error":         {summaryPath, answer(400, `{"message":"no"}`)},
		"no JSON":          {summaryPath, answer(200, `{"entities":[1`)},
		"a contradiction":  {summaryPath, answer(200, `{"entities":[],"pageCount":3,"total":5}`)},
		"an empty one":     {summaryPath, answer(200, `{"entities":[],"pageCount":0}`)},
		"a page again":     {summaryPath, answer(200, `{"entities":[1],"pageCount":9}`)},
		"a job that fails": {jobs, answer(200, `{"jobId":"j","state":"FAILED"}`)},
		"a job":            {jobs, answer(200, `{"jobId":"j","state":"FULFILLED","conversations":[1]}`)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{api: test.serve}
				c := f.client(t)
				line := c.Line()
				for keeps, join := range []func(context.Context) (context.Context, func()){line.Join, line.JoinAndKeep} {
					ctx, leave := join(t.Context())
					source := c.Source(known(t, test.path), someDay, nil)
					_ = source.Read(ctx, Cursor{}, func(Page) error { return nil })
					_ = source.Abandon(ctx)
					if keeps == 0 {
						assert.Zero(t, c.InFlight())
					}
					leave()
					assert.Zero(t, c.InFlight())
				}
				_, _ = c.Available(t.Context(), known(t, jobs))
				_ = c.Try(t.Context(), known(t, test.path), someDay)
				assert.Zero(t, c.InFlight(), fmt.Sprint(test.path))
			})
		})
	}
}
