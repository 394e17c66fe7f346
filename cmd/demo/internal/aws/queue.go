// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package aws

import (
	"strconv"
	"sync"
	"time"
)

const (
	// remembers is how long a FIFO queue knows a deduplication id.
	remembers = 5 * time.Minute
	// looks is how often a long poll looks again.
	looks = 10 * time.Millisecond
	// largest is the most bytes of a message, its attributes included.
	largest = 256 << 10
)

// Attribute is a message's, in the protocol's words.
type Attribute struct {
	DataType    string
	StringValue string
}

// Message is one of a queue's.
type Message struct {
	Body       string
	Attributes map[string]Attribute

	id, group string
	receives  int
	receipt   string // of the last receive
	hidden    time.Time
}

func (m *Message) size() int {
	n := len(m.Body)
	for name, a := range m.Attributes {
		n += len(name) + len(a.DataType) + len(a.StringValue)
	}
	return n
}

// Queue is an SQS queue.
type Queue struct {
	fifo bool

	mu       sync.Mutex
	messages []*Message
	seen     map[string]time.Time // deduplication ids
	made     int
}

// Make makes a queue.
func (s *Server) Make(name string, fifo bool) *Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &Queue{fifo: fifo, seen: map[string]time.Time{}}
	s.queues[name] = q
	return q
}

// Delete deletes one.
func (s *Server) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.queues, name)
}

// Messages are all that are on the queue, the hidden ones included.
func (q *Queue) Messages() []Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make([]Message, len(q.messages))
	for i, m := range q.messages {
		all[i] = *m
	}
	return all
}

// Hidden is how many messages somebody has received and neither deleted nor given back.
func (q *Queue) Hidden() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range q.messages {
		if m.hidden.After(time.Now()) {
			n++
		}
	}
	return n
}

// Put puts a message on the queue. A FIFO queue takes an id that it has seen for the same message.
func (q *Queue) Put(m Message, group, dedupe string) (id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	if at, ok := q.seen[dedupe]; q.fifo && ok && now.Sub(at) < remembers {
		return dedupe
	}
	q.seen[dedupe] = now
	q.made++
	m.id, m.group = "m"+strconv.Itoa(q.made), group
	q.messages = append(q.messages, &m)
	return m.id
}

// take receives up to most visible messages and hides them.
func (q *Queue) take(most int, visibility time.Duration) (got []Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	busy := map[string]bool{} // groups of which a message is in flight, or that have waited longer
	for _, m := range q.messages {
		if len(got) == most {
			break
		}
		taken := m.hidden.After(now) || (q.fifo && busy[m.group])
		busy[m.group] = true
		if taken {
			continue
		}
		m.receives++
		m.receipt = m.id + "-" + strconv.Itoa(m.receives)
		m.hidden = now.Add(visibility)
		got = append(got, *m)
	}
	return got
}

// remove deletes the message of a receipt. As SQS does, it refuses one that is no longer the
// message's last, and of a FIFO queue one whose time is over.
func (q *Queue) remove(receipt string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, m := range q.messages {
		if m.receipt == receipt {
			if q.fifo && !m.hidden.After(time.Now()) {
				return false
			}
			q.messages = append(q.messages[:i], q.messages[i+1:]...)
			return true
		}
	}
	return false
}

// hide sets how long the message of a receipt is still hidden. It refuses what is not in flight.
func (q *Queue) hide(receipt string, visibility time.Duration) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, m := range q.messages {
		if m.receipt == receipt && m.hidden.After(now) {
			m.hidden = now.Add(visibility)
			return true
		}
	}
	return false
}
