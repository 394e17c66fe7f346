// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SharedHold is a hold in a store, for people. All of it is as another process wrote
// it.
type SharedHold struct {
	Owner string
	// Until is when it ends, At when it was written, both by the writer's clock.
	Until, At time.Time
}

// SharedHolds returns the holds in a store that are neither over nor ended, the longest
// first.
func SharedHolds(ctx context.Context, store HoldStore) ([]SharedHold, error) {
	entries, err := readEntries(ctx, store)
	if err != nil {
		return nil, fmt.Errorf("reading the shared hold: %w", err)
	}
	var holds []SharedHold
	now := time.Now()
	for _, hold := range entries {
		if hold.Ended.IsZero() && now.Before(hold.endsAt(now)) {
			holds = append(holds, SharedHold{hold.Owner, hold.Until, hold.At})
		}
	}
	slices.SortFunc(holds, func(a, b SharedHold) int { return b.Until.Compare(a.Until) })
	return holds, nil
}

// steadyLooks is how many looks in a row must find all holds ended, so that every
// process that looks has seen it, and attempts how often that is written at most.
const (
	steadyLooks = 4
	attempts    = 40
)

// EndHolds ends all holds in a store, for every process. It marks the entries as ended,
// since a process that has read a hold would write a missing one back, and it does so
// again until no process that has not seen that yet writes one back.
func EndHolds(ctx context.Context, store HoldStore) error {
	ended := map[string]processHold{}
	for looks, stood := 0, 0; stood < steadyLooks; looks++ {
		entries, err := readEntries(ctx, store)
		if err != nil && !errors.Is(err, ErrIllegible) {
			return fmt.Errorf("ending the shared hold: %w", err)
		}
		if !end(ended, entries, looks == 0) && err == nil && looks > 0 {
			stood++
		} else if stood = 0; looks == attempts {
			return errors.New("ending the shared hold: somebody writes it back again and again: an older release, which does not know that a hold can be ended?")
		} else if err := writeEntries(ctx, store, ended, endedFor); err != nil {
			return fmt.Errorf("ending the shared hold: %w", err)
		}
		if err := Sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
	return nil
}

// end adds to ended what is stored, and on the first look (all) marks it as ended; holds
// that are ordered later stay. It reports whether the store lacks an end.
func end(ended, stored map[string]processHold, all bool) (lacking bool) {
	for name, hold := range stored {
		if _, known := ended[name]; known {
			continue
		}
		if all && hold.Ended.IsZero() {
			hold.Ended = time.Now().UTC()
		}
		ended[name] = hold
	}
	return lacks(stored, ended)
}

// Sleep waits for d, or returns the cause of ctx if that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}
