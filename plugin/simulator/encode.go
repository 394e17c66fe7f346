// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"encoding/json"
)

// encode leaves & alone, as the service does in its URIs.
func encode(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // our own types only
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func spell(key map[string]string) string {
	return string(encode(key)) // encoding/json sorts a map's keys
}
