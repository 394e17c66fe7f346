// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package world_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"
)

// output keeps what a process delivers in the world's objects.
type output struct {
	process *process
	res     *service.Resources
	dead    context.Context //nolint:containedctx // the life of the stock component
	end     context.CancelFunc
}

func newOutput(conf *service.ParsedConfig, res *service.Resources) (service.BatchOutput, service.BatchPolicy, int, error) {
	var policy service.BatchPolicy
	p, err := processOf(conf)
	if err != nil {
		return nil, policy, 0, err
	}
	if policy, err = conf.FieldBatchPolicy("batching"); err != nil {
		return nil, policy, 0, err
	}
	n, err := conf.FieldMaxInFlight()
	for _, store := range []string{"position", "holds"} { // built now, or the engine locks them later to do so
		err = errors.Join(err, res.AccessCache(context.Background(), store, func(service.Cache) {}))
	}
	p.builtOnce.Do(func() { close(p.built) })
	o := &output{process: p, res: res}
	o.dead, o.end = context.WithCancel(context.Background())
	return o, policy, n, err
}

func (o *output) Connect(context.Context) error {
	gate := o.process.world.plan.gate
	if o.process.world.plan.stock && (gate == "own" || gate == "shared") {
		go o.stock()
	}
	return nil
}

// stock is another component at the gate, whose answers the gate cannot see.
func (o *output) stock() {
	p := o.process
	client := &http.Client{Transport: &http.Transport{DialContext: p.dial, DisableKeepAlives: true}}
	for n := 0; o.dead.Err() == nil && n < 200; n++ {
		var wait time.Duration
		err := o.res.AccessRateLimit(o.dead, "tenant", func(r service.RateLimit) { wait, _ = r.Access(o.dead) })
		switch {
		case err != nil:
			return
		case wait > 0:
			pause(o.dead, wait)
			continue
		}
		p.mu.Lock()
		p.world.model.early(p.view(tenantGate), p.name()+" let a stock component through")
		p.mu.Unlock()
		req, _ := http.NewRequestWithContext(o.dead, http.MethodGet, "http://127.0.0.1:8085/stock", nil)
		if res, err := client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
		pause(o.dead, p.world.plan.chance.span(20*time.Millisecond, 4*time.Second, "stock", p.id, n))
	}
}

var errRejected = errors.New("the output has rejected it")

// WriteBatch takes as long as it takes, and may reject all or some.
func (o *output) WriteBatch(ctx context.Context, batch service.MessageBatch) error {
	p, w := o.process, o.process.world
	var rejected *service.BatchError
	for i, msg := range batch {
		key, _ := msg.MetaGet("genesys_key")
		n := w.try(key)
		rejects, some := o.rejects(ctx, key, n)
		for (rejects || some) && !p.mayReject(key) && ctx.Err() == nil {
			n = w.try(key)
			rejects, some = o.rejects(ctx, key, n)
		}
		if ctx.Err() != nil || p.dead.Load() {
			return errors.Join(errRejected, ctx.Err())
		}
		if rejects || some {
			if rejected == nil {
				rejected = service.NewBatchError(batch, errRejected)
			}
			rejected = rejected.Failed(i, errRejected)
			defer p.impatient(key)
			continue
		}
		w.take(p, msg, n)
		p.accepted(key)
	}
	if rejected != nil {
		return rejected
	}
	return nil
}

// mostRejections is how often a message is rejected before the output makes it wait
// instead. From the third time on Benthos sleeps before it sends it again, and keeps a
// lock meanwhile, which stops the clock of a bubble.
const mostRejections = 2

// mayReject reports whether the output may reject a message of a process, and counts
// that. Where nothing is sent again, to reject would be to drop.
func (p *process) mayReject(key string) bool {
	if p.worker {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rejected == nil {
		p.rejected = map[string]int{}
	}
	p.rejected[key]++
	return !p.world.plan.direct && p.rejected[key] <= mostRejections
}

// accepted forgets that a message was rejected: should it be delivered again, that is
// another one.
func (p *process) accepted(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.rejected, key)
	delete(p.since, key)
}

// impatient sees to it that an input ends of which a message has been rejected for
// longer than give_up_after.
func (p *process) impatient(key string) {
	w, now := p.world, time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since == nil {
		p.since = map[string]time.Time{}
	}
	if _, again := p.since[key]; !again {
		p.since[key] = now
	}
	if w.plan.giveUp == 0 || p.worker || now.Sub(p.since[key]) < w.plan.giveUp {
		return
	}
	w.closing.Go(func() {
		timer := time.NewTimer(time.Minute)
		defer timer.Stop()
		select {
		case <-p.failed:
		case <-p.closing:
		case <-timer.C:
			w.find("%s goes on although %s has been rejected for longer than %s", p.name(), key, w.plan.giveUp)
		}
	})
}

// rejects takes the time of a delivery, and reports whether the output rejects
// everything, or just this. While it rejects everything it takes its time; not beyond
// that, or a stop would wait for it when all is well.
func (o *output) rejects(ctx context.Context, key string, n int) (all, this bool) {
	w := o.process.world
	d := w.plan.chance.span(w.plan.ackLeast, w.plan.ackMost, "ack", key, n)
	if w.during(slowCopies) != nil && n > 1 {
		d /= 20
	}
	during := w.during("the output rejects everything")
	if all = during != nil; all {
		d = min(w.plan.chance.span(5*time.Second, 40*time.Minute, "rejecting", key, n), time.Until(w.began.Add(during.at+during.length))+time.Second)
	}
	e := w.during("the output rejects some")
	pause(ctx, d)
	return all, e != nil && w.plan.chance.share(e.n, "rejected", key, n)
}

func (o *output) Close(context.Context) error {
	o.end()
	o.process.closes()
	return nil
}

// queued is an interval on the queue.
type queued struct {
	span  span
	tries int
}

// queueInput gives a worker the intervals of the world's queue; one that is not
// acknowledged goes back.
type queueInput struct{ process *process }

func (*queueInput) Connect(context.Context) error { return nil }

func (q *queueInput) Read(ctx context.Context) (*service.Message, service.AckFunc, error) {
	w := q.process.world
	for {
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-w.emptied:
			return nil, nil, service.ErrEndOfInput
		case next := <-w.queue:
			if q.process.dead.Load() {
				w.giveBack(next)
				return nil, nil, service.ErrEndOfInput
			}
			q.process.claims(next)
			msg := service.NewMessage(fmt.Appendf(nil, `{"interval":%q}`, next.span))
			return msg, func(_ context.Context, rejection error) error {
				if !q.process.unclaims(next) {
					return nil // it was killed, and gave everything back
				}
				if rejection != nil {
					w.giveBack(next)
					return nil
				}
				w.acked(next)
				return nil
			}, nil
		}
	}
}

func (*queueInput) Close(context.Context) error { return nil }
