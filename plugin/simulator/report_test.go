// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheReportHasABound(t *testing.T) {
	tally := newTally()
	for i := range maxPages + 10 {
		tally.settle(&exchange{status: 200, reply: reply{page: strconv.Itoa(i), query: uint64(i), job: true, records: 1}})
	}
	tally.settle(&exchange{status: 200, reply: reply{page: "0", query: 0}})
	assert.Len(t, tally.Pages, maxPages)
	assert.Equal(t, 2, tally.Pages["0"], "what it has goes on being counted")
	assert.Equal(t, 10, tally.PagesLeftOut)
	assert.LessOrEqual(t, len(tally.jobs), maxPages)
	assert.LessOrEqual(t, len(tally.distinct), maxPages)
}
