// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watched is a tenant whose bodies see how much memory is taken as they are read.
type watched struct {
	*fake
	body   string
	length int64 // as the header has it; -1: not told
	client *Client
	rest   *strings.Reader
	peak   int64
	short  int64 // of what is needed for what has been read, and for what is being read
	fault  error // once half of the body has been read; then it ends
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (w *watched) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := w.fake.RoundTrip(req)
	if err == nil && req.URL.Host == "api.test" {
		w.rest = strings.NewReader(w.body)
		res.Body, res.ContentLength = io.NopCloser(readerFunc(w.read)), w.length
	}
	return res, err
}

func (w *watched) read(p []byte) (int, error) {
	read := w.rest.Size() - int64(w.rest.Len())
	w.peak = max(w.peak, w.client.InFlight())
	if len(p) > 1 { // else it looks for the end
		w.short = max(w.short, read+int64(len(p))-w.client.InFlight())
	}
	if half := w.rest.Size() / 2; w.fault != nil && read+int64(len(p)) > half {
		n, _ := w.rest.Read(p[:max(0, half-read)])
		err := w.fault
		w.fault = nil
		_, _ = w.rest.Seek(0, io.SeekEnd)
		return n, err
	}
	return w.rest.Read(p)
}

// TestABodyTakesNoMoreThanItsLength where that is told, and else no more than it has
// and one step of reading.
func TestABodyTakesNoMoreThanItsLength(t *testing.T) {
	body := `{"entities":[{"id":"` + strings.Repeat("x", 300<<10) + `"}],"pageCount":1}`
	for length, most := range map[int64]int64{int64(len(body)): int64(len(body)), -1: int64(len(body)) + lastChunk} {
		synctest.Test(t, func(t *testing.T) {
			w := &watched{fake: &fake{api: answer(http.StatusOK, "")}, body: body, length: length}
			w.client = w.fake.client(t, func(c *Config) { c.Base = w })
			page, err := first(t.Context(), w.client, known(t, summaryPath))
			require.NoError(t, err)
			assert.Len(t, page.Body, len(body))
			assert.LessOrEqual(t, w.peak, most, "of %d", length)
			assert.GreaterOrEqual(t, w.peak, int64(len(body)))
			assert.LessOrEqual(t, w.short, int64(0), "all that is read has its place")
		})
	}
}

// TestABodyThatBreaksOffIsNoneEvenIfItEndsThen.
func TestABodyThatBreaksOffIsNoneEvenIfItEndsThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("connection reset by peer")
		w := &watched{fake: &fake{api: answer(http.StatusOK, "")}, body: `{"entities":[1]}` + strings.Repeat(" ", 200), length: -1, fault: broken}
		w.client = w.fake.client(t, func(c *Config) { c.Base = w })
		_, err := first(t.Context(), w.client, known(t, summaryPath))
		require.ErrorIs(t, err, broken)
	})
}

// TestATokenWhoseLifeIsNotToldIsUsedForADay.
func TestATokenWhoseLifeIsNotToldIsUsedForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := 0
		f := &fake{api: answer(http.StatusOK, `{"entities":[1],"pageCount":1}`), token: func(w http.ResponseWriter, _ *http.Request) {
			tokens++
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"t","token_type":"bearer"}`)
		}}
		c, q := f.client(t), known(t, summaryPath)
		for i, pause := range []time.Duration{0, 24*time.Hour - 1, 1} {
			time.Sleep(pause)
			_, err := first(t.Context(), c, q)
			require.NoError(t, err)
			assert.Equal(t, []int{1, 1, 2}[i], tokens)
		}
	})
}

// TestTheLargestBodyThatMayBe is read, and one byte more is not, whether its length is
// told or not.
func TestTheLargestBodyThatMayBe(t *testing.T) {
	body := `{"entities":[{"id":"` + strings.Repeat("x", 100<<10) + `"}],"pageCount":1}`
	for _, length := range []int64{int64(len(body)), -1} {
		for limit, fits := range map[int]bool{len(body): true, len(body) - 1: false} {
			synctest.Test(t, func(t *testing.T) {
				w := &watched{fake: &fake{api: answer(http.StatusOK, "")}, body: body, length: length}
				w.client = w.fake.client(t, func(c *Config) { c.Base, c.MaxResponseBytes = w, int64(limit) })
				_, err := first(t.Context(), w.client, known(t, summaryPath))
				assert.LessOrEqual(t, w.peak, int64(limit)+1)
				if fits {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, ErrTooLarge)
			})
		}
	}
}

// TestEachBodyGivesBackItsOwn, in whatever order they are let go.
func TestEachBodyGivesBackItsOwn(t *testing.T) {
	c := (&fake{}).client(t)
	joined, leave := c.Line().Join(t.Context())
	p := joined.Value(placeKey{}).(*place)
	require.True(t, p.TryTake(100))
	p.Give(30)
	assert.EqualValues(t, 70, c.InFlight())
	p.Give(70)
	assert.Zero(t, c.InFlight())
	p.Give(10)
	assert.Zero(t, c.InFlight(), "twice is once")
	leave()
	assert.Zero(t, c.InFlight())
}
