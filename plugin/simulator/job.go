// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// job is an asynchronous query. Its results are fixed when it is submitted.
type job struct {
	family    string // the path it was submitted to
	over      interval
	query     uint64
	number    int // of the tenant's jobs, from 1
	submitted time.Time

	total     int                        // results
	pageSize  int                        // of the submission, 0 where the results' query has it
	results   func(from, to int) jobBody // one page
	cancelled bool
	polls     int
	served    int // result pages
}

// jobBody is a page of results that can be given a cursor.
type jobBody interface{ withCursor(cursor string) any }

const (
	jobLife        = 24 * time.Hour
	maxJobPage     = 1000
	defaultJobPage = 100
)
