// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package quota

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SharedHold is a hold on a store, for people. All of it is text of whoever wrote
// it.
type SharedHold struct {
	Owner string
	// Until is when it ends, At when it was written, by the clock of who did.
	Until, At time.Time
}

// SharedHolds returns the holds on a store that nobody has ended and that are not
// over, the longest first.
func SharedHolds(ctx context.Context, store HoldStore) ([]SharedHold, error) {
	lines, err := readLines(ctx, store)
	if err != nil {
		return nil, err
	}
	var holds []SharedHold
	now := time.Now()
	for _, l := range lines {
		if l.Ended.IsZero() && now.Before(l.endsAt(now)) {
			holds = append(holds, SharedHold{l.Owner, l.Until, l.At})
		}
	}
	slices.SortFunc(holds, func(a, b SharedHold) int { return b.Until.Compare(a.Until) })
	return holds, nil
}

// ErrIllegible says that what is on a store is no holds.
var ErrIllegible = errors.New("the shared hold makes no sense")

func readLines(ctx context.Context, store HoldStore) (map[string]processHold, error) {
	value, err := store.Read(ctx)
	lines := map[string]processHold{}
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading the shared hold: %w", err)
	case value == nil:
		return lines, nil
	}
	if err := json.Unmarshal(value, &lines); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIllegible, err)
	}
	return lines, nil
}

// steadyLooks is for how many looks in a row an end has to stand, so that everybody has
// seen it who looks, and attempts how often it is written in all.
const (
	steadyLooks = 4
	attempts    = 40
)

// EndHolds ends all holds on a store, for every process. What is written there says
// so, since whoever has read a hold before would write it back; and it is written
// again until nobody does who had not seen it yet.
func EndHolds(ctx context.Context, store HoldStore) error {
	ended := map[string]processHold{}
	for looks, stood := 0, 0; stood < steadyLooks; looks++ {
		lines, err := readLines(ctx, store)
		if err != nil && !errors.Is(err, ErrIllegible) {
			return err
		}
		if !end(ended, lines, looks == 0) && err == nil && looks > 0 {
			stood++
		} else if stood = 0; looks == attempts {
			return errors.New("ending the shared hold: somebody writes it back again and again: an older release, which does not know that a hold can be ended?")
		} else if err := writeLines(ctx, store, ended); err != nil {
			return err
		}
		if err := sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
	return nil
}

// end notes the end of the lines that are not ended, and keeps those that came
// later. It reports whether the store is without an end that is known.
func end(ended, there map[string]processHold, all bool) (lacking bool) {
	for name, l := range there {
		if _, known := ended[name]; known {
			continue
		}
		if all && l.Ended.IsZero() {
			l.Ended = time.Now().UTC()
		}
		ended[name] = l
	}
	return lacks(there, ended)
}

func writeLines(ctx context.Context, store HoldStore, lines map[string]processHold) error {
	value, err := json.Marshal(lines)
	if err == nil {
		err = store.Write(ctx, value, endedFor)
	}
	if err != nil {
		return fmt.Errorf("ending the shared hold: %w", err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
