// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"compress/gzip"
	"sync"
)

// BombBytes is what a bomb unpacks to: less than a client takes for one answer unless it is
// told otherwise, and more than it has room for when several come at once. It is no JSON, so
// no client that reads it to its end has a page.
const BombBytes = 64 << 20

// bomb is packed once.
var bomb = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	blanks := bytes.Repeat([]byte{' '}, 1<<20)
	for range BombBytes / len(blanks) {
		_, _ = w.Write(blanks) // to memory
	}
	_ = w.Close()
	return packed.Bytes()
})
