// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package aws

import (
	"crypto/md5"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"time"
)

// call is what the calls to SQS that we know have for parameters, all together.
type call struct {
	QueueURL            string `json:"QueueUrl"`
	MaxNumberOfMessages int
	VisibilityTimeout   int
	WaitTimeSeconds     int
	Entries             []entry
}

type entry struct {
	ID                     string `json:"Id"`
	MessageBody            string
	MessageAttributes      map[string]Attribute
	MessageGroupID         string `json:"MessageGroupId"`
	MessageDeduplicationID string `json:"MessageDeduplicationId"`
	ReceiptHandle          string
	VisibilityTimeout      int
}

// done and failed are the answers for an entry of a batch.
type done struct {
	ID               string `json:"Id"`
	MessageID        string `json:"MessageId,omitempty"`
	MD5OfMessageBody string `json:",omitempty"`
}

type failed struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

type batch struct {
	Successful []done
	Failed     []failed
}

type received struct {
	MessageID         string `json:"MessageId"`
	ReceiptHandle     string
	Body              string
	MD5OfBody         string
	Attributes        map[string]string
	MessageAttributes map[string]Attribute `json:",omitempty"`
}

func (s *Server) sqs(r *http.Request, operation string) (any, *fault) {
	in, wrong := read[call](r)
	if wrong != nil {
		return nil, wrong
	}
	s.mu.Lock()
	q := s.queues[path.Base(in.QueueURL)]
	s.mu.Unlock()
	if q == nil {
		return nil, refusal("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
	}
	switch operation {
	case "SendMessageBatch":
		return each(in, q.send)
	case "DeleteMessageBatch":
		return each(in, func(e entry) (done, *failed) {
			return handled(q.remove(e.ReceiptHandle))
		})
	case "ChangeMessageVisibilityBatch":
		return each(in, func(e entry) (done, *failed) {
			return handled(q.hide(e.ReceiptHandle, time.Duration(e.VisibilityTimeout)*time.Second))
		})
	case "ReceiveMessage":
		return q.receive(r, in), nil
	case "GetQueueAttributes":
		return map[string]any{"Attributes": map[string]string{}}, nil
	}
	return nil, refusal("UnknownOperationException", "%s", operation)
}

// each answers for the entries of a batch, each by itself.
func each(in call, do func(entry) (done, *failed)) (any, *fault) {
	out := batch{Successful: []done{}, Failed: []failed{}}
	for _, e := range in.Entries {
		ok, bad := do(e)
		if bad != nil {
			bad.ID = e.ID
			out.Failed = append(out.Failed, *bad)
			continue
		}
		ok.ID = e.ID
		out.Successful = append(out.Successful, ok)
	}
	return out, nil
}

// handled is the answer to a call on a receipt.
func handled(ok bool) (done, *failed) {
	if !ok {
		return done{}, &failed{Code: "ReceiptHandleIsInvalid", Message: "The receipt handle has expired", SenderFault: true}
	}
	return done{}, nil
}

func (q *Queue) send(e entry) (done, *failed) {
	m := Message{Body: e.MessageBody, Attributes: e.MessageAttributes}
	if m.size() > largest {
		return done{}, &failed{Code: "InvalidParameterValue", Message: "One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes.", SenderFault: true}
	}
	id := q.Put(m, e.MessageGroupID, e.MessageDeduplicationID)
	return done{MessageID: id, MD5OfMessageBody: digest(e.MessageBody)}, nil
}

// receive waits for messages for as long as the caller asks, or is there.
func (q *Queue) receive(r *http.Request, in call) any {
	end := time.NewTimer(time.Duration(in.WaitTimeSeconds) * time.Second)
	defer end.Stop()
	again := time.NewTicker(looks)
	defer again.Stop()
	for r.Context().Err() == nil {
		if taken := q.take(max(in.MaxNumberOfMessages, 1), time.Duration(in.VisibilityTimeout)*time.Second); len(taken) > 0 {
			return messages(taken)
		}
		select {
		case <-end.C:
			return messages(nil)
		case <-r.Context().Done():
		case <-again.C:
		}
	}
	return messages(nil)
}

func messages(taken []Message) any {
	out := make([]received, len(taken))
	for i, m := range taken {
		out[i] = received{
			MessageID: m.id, ReceiptHandle: m.receipt, Body: m.Body, MD5OfBody: digest(m.Body),
			Attributes:        map[string]string{"ApproximateReceiveCount": strconv.Itoa(m.receives)},
			MessageAttributes: m.Attributes,
		}
	}
	return map[string]any{"Messages": out}
}

func digest(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}
