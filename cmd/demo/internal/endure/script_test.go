// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package endure

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func drawn(s Script) (lives []Life, spells []Spell) {
	for process := range 4 {
		for n := range 50 {
			lives = append(lives, s.Life(process, n))
			spells = append(spells, s.Spell(process, n, S3Faults))
		}
	}
	return lives, spells
}

func TestASeedDrawsTheSameAgain(t *testing.T) {
	lives, spells := drawn(Script{7})
	again, spellsAgain := drawn(Script{7})
	assert.Equal(t, lives, again)
	assert.Equal(t, spells, spellsAgain)
	others, otherSpells := drawn(Script{8})
	assert.NotEqual(t, lives, others)
	assert.NotEqual(t, spells, otherSpells)
}

// TestEveryFaultAndEveryWayToEndIsDealt before one comes again.
func TestEveryFaultAndEveryWayToEndIsDealt(t *testing.T) {
	for seed := range uint64(50) {
		s := Script{seed}
		faults, moments, gentle := map[Fault]int{}, map[Moment]int{}, 0
		for n := range S3Faults {
			faults[s.Spell(0, n, S3Faults).Fault]++
		}
		for n := range ways {
			life := s.Life(2, n)
			moments[life.Moment]++
			if life.Gentle {
				gentle++
			}
		}
		assert.Len(t, faults, len(S3Faults), seed)
		assert.Equal(t, map[Moment]int{AtTime: 4, Asked: 1, Answered: 1, Storing: 1, Stored: 2}, moments, seed)
		assert.Equal(t, 1, gentle, seed)
	}
}
