// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

// reply is a handler's answer.
type reply struct {
	status  int // 0 is 200
	body    any
	page    string // the key in the report, empty for what is not a page of data
	query   uint64 // tells two queries over one interval apart
	job     bool   // the page is a job's
	records int
}
