// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package genesys

import (
	"net/http"
	"sync"
)

// worthAhead is how long a body must be to be scanned while it is being read: less takes
// no longer than waking a goroutine some times.
const worthAhead = 256 << 10

// aheadScan is a scan of a body that goes on while the body is being read. A nil one does
// nothing.
type aheadScan struct {
	mu    sync.Mutex // guards text and whole
	more  *sync.Cond
	text  []byte // that has been read
	whole bool   // no more is read

	done    chan struct{} // closed when summary and err are set
	summary *summary
	err     error
}

// scanAhead starts a scan of a response's body, where that is worth it. It has to be
// ended.
func scanAhead(res *http.Response, list string) *aheadScan {
	if res.ContentLength < worthAhead || res.StatusCode != http.StatusOK {
		return nil
	}
	a := &aheadScan{done: make(chan struct{})}
	a.more = sync.NewCond(&a.mu)
	go func() {
		defer close(a.done)
		a.summary, a.err = (&document{grow: a.wait}).summary(list)
	}()
	return a
}

// wait returns what has been read, once that is so many bytes or the whole body.
func (a *aheadScan) wait(bytes int) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.text) < bytes && !a.whole {
		a.more.Wait()
	}
	return a.text
}

// read adds to what has been read: text is all of it.
func (a *aheadScan) read(text []byte) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text = text
	a.more.Signal()
}

// end waits for the scan of a body of which no more is read.
func (a *aheadScan) end() {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.whole = true
	a.more.Signal()
	a.mu.Unlock()
	<-a.done
}
