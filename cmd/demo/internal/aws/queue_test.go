// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package aws

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fifo() *Queue { return New().Make("q.fifo", true) }

func TestAMessageIsHiddenUntilItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := fifo()
		q.Put(Message{Body: "a"}, "a", "a")
		first := q.take(10, time.Minute)
		require.Len(t, first, 1)
		assert.Empty(t, q.take(10, time.Minute))
		time.Sleep(30 * time.Second)
		assert.True(t, q.hide(first[0].receipt, time.Minute), "renewed")
		time.Sleep(59 * time.Second)
		assert.Empty(t, q.take(10, time.Minute))
		time.Sleep(time.Second)
		again := q.take(10, time.Minute)
		require.Len(t, again, 1)
		assert.Equal(t, 2, again[0].receives)
		assert.False(t, q.remove(first[0].receipt), "the receipt of an earlier delivery")
		assert.True(t, q.remove(again[0].receipt))
		assert.Empty(t, q.Messages())
	})
}

func TestAReceiptOfAFIFOQueueIsGoneWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := fifo()
		q.Put(Message{Body: "a"}, "a", "a")
		receipt := q.take(1, time.Second)[0].receipt
		time.Sleep(time.Second)
		assert.False(t, q.hide(receipt, time.Minute))
		assert.False(t, q.remove(receipt))
	})
}

func TestAFIFOQueueKnowsAnIDForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := fifo()
		for range 2 {
			q.Put(Message{Body: "a"}, "a", "a")
		}
		assert.Len(t, q.Messages(), 1)
		time.Sleep(5 * time.Minute)
		q.Put(Message{Body: "a"}, "a", "a")
		assert.Len(t, q.Messages(), 2)
	})
}

func TestAGroupOfAFIFOQueueWaitsForItsFirst(t *testing.T) {
	q := fifo()
	q.Put(Message{Body: "1"}, "a", "1")
	q.Put(Message{Body: "2"}, "a", "2")
	q.Put(Message{Body: "3"}, "b", "3")
	got := q.take(10, time.Minute)
	require.Len(t, got, 2)
	assert.Equal(t, "1", got[0].Body)
	assert.Equal(t, "3", got[1].Body)
	assert.True(t, q.remove(got[0].receipt))
	assert.Len(t, q.take(10, time.Minute), 1)
}
