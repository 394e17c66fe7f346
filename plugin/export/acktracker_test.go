// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// book is a tracker over a memory, with acknowledgements by number.
type book struct {
	*AckTracker
	t      *testing.T
	cache  *memory
	acks   []func(context.Context)
	failed int
}

func newBook(t *testing.T, limit int) *book {
	b := &book{t: t, cache: newMemory()}
	b.AckTracker = NewAckTracker(AckTrackerConfig{
		Limit: limit, Store: NewStore(b.cache, "key", somePlan), RetryPause: 5 * time.Second, WriteTimeout: time.Minute, LastWrite: time.Hour,
		Failed: func(error) { b.failed++ },
	})
	return b
}

// track sends out n pages; after page i, from 0, the position is minute i+1.
func (b *book) track(n int) {
	b.t.Helper()
	for range n {
		require.NoError(b.t, b.WaitForSlot(b.t.Context()))
		b.acks = append(b.acks, b.Track(Position{At: minutes(len(b.acks) + 1)}))
	}
}

func (b *book) ack(i int) { b.acks[i](b.t.Context()) }

func (b *book) assertKept(minute int) {
	b.t.Helper()
	p, ok := load(b.t, b.cache, somePlan)
	if minute == 0 {
		assert.False(b.t, ok, "nothing may be kept yet")
		return
	}
	assert.Equal(b.t, minutes(minute), p.At)
}

func TestThePositionMovesOnlyOverPagesThatWereAcknowledged(t *testing.T) {
	b := newBook(t, 10)
	b.track(4)
	b.assertKept(0)
	b.ack(1)
	b.assertKept(0)
	b.ack(2)
	b.assertKept(0)
	b.ack(0)
	b.assertKept(3)
	b.ack(3)
	b.assertKept(4)
}

func TestAnAcknowledgementThatMovesNothingWritesNothing(t *testing.T) {
	b := newBook(t, 10)
	b.track(3)
	b.ack(2)
	assert.Zero(t, b.cache.writes)
	b.ack(0)
	assert.Equal(t, 1, b.cache.writes)
}

// TestASlowWriteIsNotOvertaken: page 0's write, begun first and finished last,
// would undo page 1's.
func TestASlowWriteIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(2)
		writing, slow := 0, true
		b.cache.before = func() {
			writing++
			assert.Equal(t, 1, writing, "one write at a time")
			if slow {
				slow = false
				time.Sleep(10 * time.Second)
			}
			writing--
		}
		began := time.Now()
		b.ack(0)
		b.ack(1)
		assert.Equal(t, 2*ackWait, time.Since(began), "a slow write holds up no acknowledgement for long")
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, 2, b.cache.writes)
		b.assertKept(2)
	})
}

// TestCloseDoesNotWaitForACacheThatHangs, not even one that does not look at its
// context.
func TestCloseDoesNotWaitForACacheThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(1)
		b.cache.before = func() { time.Sleep(time.Hour) }
		b.ack(0)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.Close(ctx), errHangs)
		assert.Equal(t, time.Second, time.Since(began))
		time.Sleep(2 * time.Hour)
	})
}

// TestWhereARunStartsIsKeptBeforeItsFirstPage, and only after the pages of the
// run before.
func TestWhereARunStartsIsKeptBeforeItsFirstPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		require.NoError(t, b.Begin(t.Context(), Position{At: minutes(1)}))
		b.assertKept(1)
		b.track(1)
		require.NoError(t, b.Begin(t.Context(), Position{At: minutes(9)}))
		b.assertKept(1)
		b.ack(0)
		b.assertKept(9)
		require.NoError(t, b.Drain(t.Context()), "it is no page")
	})
}

func TestAFirstPositionThatCannotBeWrittenIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.cache.setErr = errors.New("read-only file system")
		require.ErrorIs(t, b.Begin(t.Context(), Position{At: minutes(1)}), b.cache.setErr)
		require.Error(t, b.Close(t.Context()))
	})
}

// TestTheLastPositionIsNotWaitedForForEver: all is delivered by then.
func TestTheLastPositionIsNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(1)
		b.cache.setErr = errors.New("read-only file system")
		b.ack(0)
		began := time.Now()
		err := b.Flush(t.Context())
		require.ErrorIs(t, err, b.cache.setErr)
		require.ErrorContains(t, err, "everything is delivered")
		assert.Equal(t, time.Hour, time.Since(began))
		require.Error(t, b.Close(t.Context()))
	})
}

func TestAcknowledgementsInAnyOrderEndAtTheEnd(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		b := newBook(t, 100)
		b.track(60)
		var wg sync.WaitGroup
		for _, i := range random.Perm(60) {
			wg.Go(func() { b.ack(i) })
		}
		wg.Wait()
		b.assertKept(60)
	}
}

func TestNoMorePagesAreOutThanTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 2)
		b.track(2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.WaitForSlot(ctx), context.DeadlineExceeded)
		b.ack(0)
		b.track(1)
	})
}

func TestAFailedWriteIsToldAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(1)
		b.cache.setErr = errors.New("connection refused")
		b.ack(0)
		time.Sleep(16 * time.Second)
		synctest.Wait()
		assert.Equal(t, 3, b.failed, "at once, after five seconds and after ten more")
		b.cache.setErr = nil
		require.NoError(t, b.Flush(t.Context()))
		b.assertKept(1)
		assert.Equal(t, 3, b.failed)
	})
}

func TestDrainWaitsForEveryAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(2)
		drained := false
		go func() {
			assert.NoError(t, b.Drain(t.Context()))
			drained = true
		}()
		synctest.Wait()
		assert.False(t, drained)
		b.ack(1)
		synctest.Wait()
		assert.False(t, drained)
		b.ack(0)
		synctest.Wait()
		assert.True(t, drained)
	})
}

func TestAnOutputThatAcknowledgesNothingIsSpokenOfOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(3)
		b.ack(0)
		var late []int
		b.config.Late = func(pages int) { late = append(late, pages) }
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		require.ErrorIs(t, b.Drain(ctx), context.DeadlineExceeded)
		assert.Equal(t, []int{2}, late)
	})
}

func TestAnOutputThatAcknowledgesInTimeIsNotSpokenOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.config.Late = func(pages int) { t.Errorf("%d pages are called late", pages) }
		b.config.LastWrite = time.Hour
		b.track(1)
		time.AfterFunc(29*time.Second, func() {
			b.cache.setErr = errors.New("connection refused") // so what is waited for then is the cache
			b.ack(0)
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, b.Flush(ctx), context.DeadlineExceeded)
		b.cache.setErr = nil
		require.NoError(t, b.Close(t.Context()))
	})
}

func TestCloseWritesWhatIsUnwrittenAndEndsTheRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook(t, 10)
		b.track(1)
		b.cache.setErr = errors.New("connection refused")
		b.ack(0)
		require.Error(t, b.Close(t.Context()))
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, 2, b.failed)
		b.cache.setErr = nil
		require.NoError(t, b.Close(t.Context()))
		b.assertKept(1)
	})
}
