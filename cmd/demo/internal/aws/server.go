// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package aws speaks as much of the JSON protocols of Amazon SQS and DynamoDB as the shipped
// pipelines use: queues of both kinds with visibility timeouts, deduplication and groups, and a
// table of items under a hash key. It grants what it is told to grant and nothing else, so that a
// run shows whether the permissions that a pipeline's head names are all that it takes.
package aws

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Server is an http.Handler for both protocols.
type Server struct {
	mu     sync.Mutex
	grants []string // IAM actions, all of them where it is nil
	used   map[string]bool
	queues map[string]*Queue // by name
	tables map[string]map[string]json.RawMessage
}

// New returns a server without queues and tables that grants everything.
func New() *Server {
	return &Server{
		used:   map[string]bool{},
		queues: map[string]*Queue{},
		tables: map[string]map[string]json.RawMessage{},
	}
}

// Grant allows these IAM actions and no others: sqs:SendMessage, dynamodb:GetItem.
func (s *Server) Grant(actions ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants = actions
}

// Used are the IAM actions that were asked for, in order of their names.
func (s *Server) Used() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for name := range s.used {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fault is an error in the service's words.
type fault struct {
	status  int
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func refusal(kind, format string, args ...any) *fault {
	return &fault{status: http.StatusBadRequest, Type: kind, Message: fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var answer any
	var wrong *fault
	switch action := action(service, operation); {
	case !s.grant(action):
		wrong = refusal("AccessDeniedException", "the role is not authorized to perform: %s", action)
	case service == "AmazonSQS":
		answer, wrong = s.sqs(r, operation)
	default:
		answer, wrong = s.dynamodb(r, operation)
	}
	status := http.StatusOK
	if wrong != nil {
		status, answer = wrong.status, wrong
	}
	body, _ := json.Marshal(answer) // of nothing that cannot be written
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// action is the IAM action of an operation: those on batches have that of one message.
func action(service, operation string) string {
	prefix := "dynamodb:"
	if service == "AmazonSQS" {
		prefix = "sqs:"
	}
	return prefix + strings.TrimSuffix(operation, "Batch")
}

func (s *Server) grant(action string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[action] = true
	return s.grants == nil || slices.Contains(s.grants, action)
}

// read reads a call's parameters.
func read[T any](r *http.Request) (in T, wrong *fault) {
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return in, refusal("SerializationException", "reading the call: %v", err)
	}
	return in, nil
}
