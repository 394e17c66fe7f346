// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"connect-genesys.example/connect-genesys/plugin/genesys"
	"connect-genesys.example/connect-genesys/plugin/quota"
	"connect-genesys.example/connect-genesys/plugin/window"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func config(s *service, intervals int) Config {
	step, _ := window.ParseDuration("PT5M")
	return Config{
		Plan:         window.Plan{Grid: window.Grid{Step: step, Location: time.UTC}, Start: three, End: minutes(5 * intervals)},
		Parallelism:  1,
		ReaderConfig: ReaderConfig{PageSize: 100, RetryPolicy: RetryPolicy{Pause: 5 * time.Second}, Open: s.open},
	}
}

// bodies takes all that a walk returns, and the error it ends with.
func bodies(ctx context.Context, w *Walk) (got []string, end error) {
	for {
		item, ok, err := w.Next(ctx)
		if err != nil || !ok {
			return got, err
		}
		got = append(got, string(item.Page.Body))
	}
}

func TestPagesLeaveInOrderWhateverTheParallelism(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, parallelism := range []int{1, 2, 8, 50} {
		t.Run(fmt.Sprint(parallelism), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				s := &service{
					pages: func(iv window.Interval) int { return 1 + iv.Start.Minute()/5%3 },
					takes: func(window.Interval, int) time.Duration {
						mu.Lock()
						defer mu.Unlock()
						return time.Duration(random.IntN(1000)) * time.Millisecond
					},
				}
				c := config(s, 24)
				c.Parallelism = parallelism
				w := NewWalk(c)
				defer w.Close()
				var want []string
				for iv := range c.Plan.All() {
					for page := range s.pages(iv) {
						want = append(want, fmt.Sprintf("%s p%d", iv.Start.Format("15:04"), page+1))
					}
				}
				got, err := bodies(t.Context(), w)
				require.NoError(t, err)
				assert.Equal(t, want, got)
				assert.LessOrEqual(t, s.most, parallelism)
			})
		})
	}
}

func TestAWalkReadsOnlyAsFarAheadAsItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{pages: func(window.Interval) int { return 10 }}
		c := config(s, 100)
		c.Parallelism = 4
		w := NewWalk(c)
		defer w.Close()
		_, _, err := w.Next(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		assert.LessOrEqual(t, len(s.asked), 5, "one was taken, and each of four intervals is one page ahead")
	})
}

// TestEveryPositionResumesAtTheNextPage walks on from each position that a walk
// gives, as a killed process would.
func TestEveryPositionResumesAtTheNextPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{pages: func(iv window.Interval) int { return 1 + iv.Start.Minute()/5%4 }}
		w := NewWalk(config(s, 12))
		defer w.Close()
		var all []string
		var positions []Position
		for {
			item, ok, err := w.Next(t.Context())
			require.NoError(t, err)
			if !ok {
				break
			}
			all = append(all, string(item.Page.Body))
			positions = append(positions, item.After)
		}
		for i, p := range positions {
			c := config(s, 12)
			c.Plan.Start = minutes(-600) // another start is no difference
			again := NewWalkFrom(c, p)
			rest, err := bodies(t.Context(), again)
			require.NoError(t, err)
			assert.Equal(t, append([]string(nil), all[i+1:]...), rest)
			again.Close()
		}
	})
}

func TestAnotherPageSizeStartsTheIntervalOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{pages: func(window.Interval) int { return 2 }}
		w := NewWalkFrom(config(s, 1), Position{At: three, End: minutes(5), Cursor: genesys.Cursor{Page: 2}, PageSize: 25})
		defer w.Close()
		got, err := bodies(t.Context(), w)
		require.NoError(t, err)
		assert.Equal(t, []string{"15:00 p1", "15:00 p2"}, got)
	})
}

func TestNothingIsLeftToDoAtTheEnd(t *testing.T) {
	w := NewWalkFrom(config(&service{}, 3), Position{At: minutes(15)})
	defer w.Close()
	_, _, err := w.Next(t.Context())
	require.NoError(t, err)
}

func TestAnIntervalIsReadOnceItHasSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(&service{}, 0)
		c.Plan.Start, c.Plan.End = time.Now().Truncate(time.Minute), time.Time{}
		c.Settle = 90 * time.Second
		w := NewWalk(c)
		defer w.Close()
		for n := 1; n <= 3; n++ {
			_, _, err := w.Next(t.Context())
			require.NoError(t, err)
			assert.Equal(t, c.Plan.Start.Add(time.Duration(n)*5*time.Minute+90*time.Second), time.Now())
		}
	})
}

func TestWhatMayPassIsTriedAgainAfterThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(_ window.Interval, _, attempt int) error {
			if attempt <= 3 {
				return errors.New("connection reset by peer")
			}
			return nil
		}}
		var faults int
		c := config(s, 2)
		c.Faulted = func(error, time.Duration) { faults++ }
		began := time.Now()
		w := NewWalk(c)
		defer w.Close()
		got, err := bodies(t.Context(), w)
		require.NoError(t, err)
		assert.Equal(t, []string{"15:00 p1", "15:05 p1"}, got)
		assert.Equal(t, 30*time.Second, time.Since(began))
		assert.Equal(t, 6, faults)
	})
}

func TestAFatalErrorComesAfterThePagesBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := &genesys.Error{Status: 403, Message: "missing permission"}
		s := &service{
			takes: func(iv window.Interval, _ int) time.Duration {
				return time.Hour / time.Duration(1+iv.Start.Minute())
			},
			fault: func(iv window.Interval, _, _ int) error {
				if iv.Start.Minute() == 15 {
					return refused
				}
				return nil
			},
		}
		c := config(s, 12)
		c.Parallelism = 12
		w := NewWalk(c)
		defer w.Close()
		got, err := bodies(t.Context(), w)
		require.ErrorIs(t, err, error(refused))
		assert.Equal(t, []string{"15:00 p1", "15:05 p1", "15:10 p1"}, got)
		_, _, err = w.Next(t.Context())
		require.ErrorIs(t, err, error(refused), "and the walk is over")
	})
}

func TestAPageThatCannotBeHadInTimeEndsTheWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(window.Interval, int, int) error { return errors.New("status 500") }}
		c := config(s, 2)
		c.GiveUpAfter = time.Minute
		began := time.Now()
		w := NewWalk(c)
		defer w.Close()
		_, _, err := w.Next(t.Context())
		var gaveUp *GiveUpError
		require.ErrorAs(t, err, &gaveUp)
		require.ErrorContains(t, err, "status 500")
		assert.Equal(t, time.Minute, time.Since(began))
	})
}

func TestAnOrderThatEndsTooLateEndsTheWalkAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(window.Interval, int, int) error { return &quota.HoldError{Until: time.Now().Add(time.Hour)} }}
		c := config(s, 2)
		c.GiveUpAfter = time.Minute
		began := time.Now()
		w := NewWalk(c)
		defer w.Close()
		_, _, err := w.Next(t.Context())
		require.ErrorContains(t, err, "give_up_after")
		assert.Zero(t, time.Since(began))
	})
}

func TestTheTimeToGiveUpIsForEachPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: func(window.Interval, int) time.Duration { return 50 * time.Second }}
		c := config(s, 5)
		c.GiveUpAfter = time.Minute
		w := NewWalk(c)
		defer w.Close()
		got, err := bodies(t.Context(), w)
		require.NoError(t, err)
		assert.Len(t, got, 5)
	})
}

func TestCloseEndsEveryWaitAtOnce(t *testing.T) {
	waits := map[string]*service{
		"a long answer":        {takes: func(window.Interval, int) time.Duration { return time.Hour }},
		"between two tries":    {fault: func(window.Interval, int, int) error { return errors.New("down") }},
		"nobody takes a page":  {},
		"in a hold of a night": {takes: func(window.Interval, int) time.Duration { return 8 * time.Hour }},
	}
	for name, s := range waits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := config(s, 12)
				c.Parallelism, c.Pause = 3, time.Hour
				w := NewWalk(c)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, _, _ = w.Next(ctx)
				began := time.Now()
				w.Close()
				assert.Zero(t, time.Since(began))
			})
		})
	}
}

func TestTheEndOfAReadLosesNoPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{takes: func(window.Interval, int) time.Duration { return 10 * time.Second }}
		w := NewWalk(config(s, 3))
		defer w.Close()
		var got []string
		for len(got) < 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			if item, _, err := w.Next(ctx); err == nil {
				got = append(got, string(item.Page.Body))
			}
			cancel()
		}
		assert.Equal(t, []string{"15:00 p1", "15:05 p1", "15:10 p1"}, got)
	})
}

func TestKey(t *testing.T) {
	iv := window.Interval{Start: three, End: minutes(5)}
	assert.Equal(t, "queues-summary/1999/11/21/150000Z-150500Z/p0001", Key("queues-summary", iv, 1))
	iv.End = three.Add(24 * time.Hour)
	assert.Equal(t, "queues-summary/1999/11/21/150000Z-19991122T150000Z/p12345", Key("queues-summary", iv, 12345))
}
