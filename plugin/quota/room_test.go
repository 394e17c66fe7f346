// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readers is a room in which lines of readers read pages in steps, each holding a
// page and the one after it, and hand them on in order to somebody who is slow.
type readers struct {
	*testing.T

	room    *Room
	random  *rand.Rand
	limit   int64
	largest int64 // page
	mu      sync.Mutex
	most    int64
}

func (r *readers) pick(n int64) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.random.Int64N(n)
}

// fetch reads a page, the size of which is known only in the end.
func (r *readers) fetch(s *Seat) (size int64) {
	defer s.Fetch()()
	for size = 0; size < r.largest; {
		step := min(1+r.pick(r.largest), r.largest-size)
		assert.NoError(r, s.Take(context.Background(), step))
		size += step
		used := r.room.Used()
		r.mu.Lock()
		r.most = max(r.most, used)
		r.mu.Unlock()
		time.Sleep(time.Duration(r.pick(int64(time.Second))))
		if r.pick(3) == 0 {
			break
		}
	}
	return size
}

// read reads the pages of one interval; turn is closed when they may leave.
func (r *readers) read(s *Seat, turn <-chan struct{}, over chan<- struct{}) {
	defer close(over)
	defer s.Leave()
	current := r.fetch(s)
	for range r.pick(4) {
		next := r.fetch(s)
		<-turn
		time.Sleep(time.Duration(r.pick(int64(time.Second)))) // whoever takes it
		s.Give(current)
		current = next
		if r.pick(4) == 0 {
			time.Sleep(time.Minute) // a fault, say
		}
	}
	<-turn
}

func (r *readers) line(parallelism, intervals int) {
	l := r.room.Line(r.limit)
	turn := make(chan struct{})
	close(turn)
	slots := make(chan struct{}, parallelism)
	for range intervals {
		slots <- struct{}{}
		over, mine := make(chan struct{}), turn
		s := l.Seat()
		go func() {
			r.read(s, mine, over)
			<-slots
		}()
		turn = over
	}
	<-turn
}

// TestReadersNeverLockEachOther, whatever is larger than what: the bubble panics
// where all wait for each other.
func TestReadersNeverLockEachOther(t *testing.T) {
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			r := &readers{T: t, room: NewRoom(), random: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // to be repeated
			r.limit, r.largest = 1+r.pick(1000), 1+r.pick(1000)
			var lines sync.WaitGroup
			many := int(1 + r.pick(4))
			for range many {
				parallelism := int(1 + r.pick(6))
				lines.Go(func() { r.line(parallelism, 12) })
			}
			lines.Wait()
			assert.Zero(t, r.room.Used())
			assert.LessOrEqual(t, r.most, r.limit/2+int64(many)*2*r.largest, "seed %d", seed)
		})
	}
}

// TestWhatIsReadAheadIsHalfOfTheRoom: the bound does not grow with the number of
// readers, and with responses that fit nothing exceeds the limit.
func TestWhatIsReadAheadIsHalfOfTheRoom(t *testing.T) {
	for _, parallelism := range []int{1, 2, 8, 64} {
		t.Run(strconv.Itoa(parallelism), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &readers{T: t, room: NewRoom(), random: rand.New(rand.NewPCG(1, 2)), limit: 400, largest: 100} //nolint:gosec // to be repeated
				r.line(parallelism, 200)
				assert.LessOrEqual(t, r.most, r.limit)
			})
		})
	}
}

func TestWhatIsTakenAtOnceIsTold(t *testing.T) {
	line := NewRoom().Line(100)
	first, ahead := line.Seat(), line.Seat()
	defer first.Fetch()()
	defer ahead.Fetch()()
	assert.True(t, ahead.TryTake(50), "just half")
	assert.False(t, ahead.TryTake(1))
	assert.True(t, first.TryTake(60), "who is first does not wait")
}

func TestAWaitForRoomEndsWithItsContext(t *testing.T) {
	room := NewRoom()
	elder, other := room.Line(10).Seat(), room.Line(10).Seat()
	defer elder.Fetch()()
	defer other.Fetch()()
	require.NoError(t, elder.Take(t.Context(), 1000))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := other.Take(ctx, 1)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "waiting for room for 1 bytes")
	elder.Leave()
	require.NoError(t, other.Take(t.Context(), 1))
	other.Leave()
	assert.Zero(t, room.Used())
}
