// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"time"
)

// dataset is everything there is to know of the tenant's data. Each value is
// computed from the seed when it is asked for, and none is kept.
type dataset struct {
	seed   uint64
	queues int
	perDay int64 // conversations
}

// The kinds of thing that have an id, so that no two share one.
const (
	kindQueue uint64 = 1 + iota
	kindUser
	kindDivision
	kindPresence
	kindDimension
	kindConversation
	kindParticipant
	kindSession
	kindJob
	kindBot
	kindExport
	kindTranscript
	kindStat
	kindRow
	kindPage
	kindRepeat
	kindEntity
)

const (
	agentsPerQueue = 4
	isoMillis      = "2006-01-02T15:04:05.000Z"
	dayMillis      = int64(24 * time.Hour / time.Millisecond)
)

var mediaTypes = []string{"voice", "message", "email"}

func (d dataset) users() int { return d.queues * agentsPerQueue }

func (d dataset) queueID(i int) string { return uuid(mix(d.seed, kindQueue, uint64(i))) }

func queueName(i int) string { return fmt.Sprintf("Queue %03d", i+1) }

func (d dataset) userID(i int) string { return uuid(mix(d.seed, kindUser, uint64(i))) }

func (d dataset) divisionID() string { return uuid(mix(d.seed, kindDivision)) }

var systemPresences = []string{"AVAILABLE", "BREAK", "OFFLINE", "ON_QUEUE"}

// presences maps the system presences to the organization's own, of which the
// tenant has one each.
func (d dataset) presences() map[string][]string {
	m := map[string][]string{}
	for i, p := range systemPresences {
		m[p] = []string{uuid(mix(d.seed, kindPresence, uint64(i)))}
	}
	return m
}

// mix folds its parts into one well spread number (the finaliser of splitmix64).
func mix(parts ...uint64) uint64 {
	h := uint64(0x9E3779B97F4A7C15)
	for _, p := range parts {
		h ^= p
		h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9
		h = (h ^ (h >> 27)) * 0x94D049BB133111EB
		h ^= h >> 31
		h += 0x9E3779B97F4A7C15
	}
	return h
}

func hashString(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

// pick is a number from low to high, both included, by the dice h.
func pick(h uint64, low, high int64) int64 {
	return low + int64(h%uint64(high-low+1))
}

// chance is a number from 0 to 1, without 1, by the dice h.
func chance(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// uuid is a random UUID (RFC 9562 version 4) by the dice h.
func uuid(h uint64) string { return uuidOf(h, mix(h)) }

// uuidOf spells two words. Version and variant take six of their bits.
func uuidOf(high, low uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], high)
	binary.BigEndian.PutUint64(b[8:], low)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// stamp spells a time in milliseconds since 1970 as the API does.
func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(isoMillis) }
