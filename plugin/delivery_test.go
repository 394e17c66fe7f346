// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oneMessage is an input that has one message, and then waits.
type oneMessage struct{ left chan *service.Message }

func (oneMessage) Connect(context.Context) error { return nil }

func (o oneMessage) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	select {
	case msg := <-o.left:
		return msg, func(context.Context, error) error { return nil }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

func (oneMessage) Close(context.Context) error { return nil }

// TestAMessageThatIsRejectedForTooLongEndsEveryRead, also one that waits in the pause before
// the message is sent again. Benthos reads and acknowledges at the same time.
func TestAMessageThatIsRejectedForTooLongEndsEveryRead(t *testing.T) {
	conf, err := inputSpec().ParseYAML(with(settledDay), nil)
	require.NoError(t, err)
	for range 300 {
		synctest.Test(t, func(t *testing.T) {
			msg := service.NewMessage(nil)
			msg.MetaSetMut("genesys_key", "a page")
			inner := oneMessage{make(chan *service.Message, 1)}
			inner.left <- msg
			began, fatal := time.Now(), 0
			in, err := replayed(conf, inner, 5*time.Second, func(err error) error { fatal++; return err })
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			for err == nil {
				var ack service.AckFunc
				if _, ack, err = in.Read(ctx); err == nil {
					go func() { _ = ack(ctx, errors.New("rejected")) }()
				}
			}
			require.ErrorIs(t, err, service.ErrEndOfInput)
			require.NoError(t, ctx.Err(), "it waited for a minute")
			assert.Equal(t, 1, fatal)
			require.GreaterOrEqual(t, time.Since(began), 5*time.Second, "it gave up too early")
			require.NoError(t, in.Close(t.Context()))
		})
	}
}

// TestWhatIsNotSentAgainIsNotGivenUp: the second rejection of such a page is one by a later run.
func TestWhatIsNotSentAgainIsNotGivenUp(t *testing.T) {
	inner := oneMessage{make(chan *service.Message, 1)}
	for line, after := range map[string]time.Duration{"auto_replay_nacks: false": time.Second, "auto_replay_nacks: true": 0} {
		conf, err := inputSpec().ParseYAML(with(settledDay, line), nil)
		require.NoError(t, err)
		in, err := replayed(conf, inner, after, func(err error) error { return err })
		require.NoError(t, err)
		_, ends := in.(*delivery)
		assert.False(t, ends, line)
	}
}
