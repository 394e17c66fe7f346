// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package aws

import (
	"encoding/json"
	"net/http"
)

// MakeTable makes a DynamoDB table.
func (s *Server) MakeTable(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tables[name] = map[string]json.RawMessage{}
}

type item struct {
	TableName           string
	Key                 json.RawMessage
	Item                map[string]json.RawMessage
	ConditionExpression string
}

// hashKey is the attribute that all tables have for a key.
const hashKey = "id"

func (s *Server) dynamodb(r *http.Request, operation string) (any, *fault) {
	in, wrong := read[item](r)
	if wrong != nil {
		return nil, wrong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	table := s.tables[in.TableName]
	if table == nil {
		return nil, refusal("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "Requested resource not found")
	}
	switch operation {
	case "DescribeTable":
		return map[string]any{"Table": map[string]string{"TableName": in.TableName, "TableStatus": "ACTIVE"}}, nil
	case "GetItem":
		if found, ok := table[keyOf(in.Key)]; ok {
			return map[string]any{"Item": found}, nil
		}
		return map[string]any{}, nil
	case "PutItem":
		return put(table, in)
	case "DeleteItem":
		delete(table, keyOf(in.Key))
		return map[string]any{}, nil
	}
	return nil, refusal("UnknownOperationException", "%s", operation)
}

// keyOf is the hash key's value of a key, as it is written.
func keyOf(key json.RawMessage) string {
	var parts map[string]json.RawMessage
	_ = json.Unmarshal(key, &parts)
	return string(parts[hashKey])
}

// put writes an item. The one condition that the cache knows is that there is none yet.
func put(table map[string]json.RawMessage, in item) (any, *fault) {
	key := string(in.Item[hashKey])
	if _, there := table[key]; there && in.ConditionExpression != "" {
		return nil, refusal("com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "The conditional request failed")
	}
	whole, err := json.Marshal(in.Item)
	if err != nil {
		return nil, refusal("SerializationException", "reading the item: %v", err)
	}
	table[key] = whole
	return map[string]any{}, nil
}
