// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package progress

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vbauerster/mpb/v8"
	"go.uber.org/goleak"

	"connect-genesys.example/connect-genesys/plugin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var began = time.Date(2026, time.November, 22, 2, 0, 0, 0, time.UTC)

func TestTheBarTellsRatePauseAndTimeLeft(t *testing.T) {
	after := func(seconds int, status plugin.Status) string {
		r := &run{first: sample{at: began}, last: sample{status, began.Add(time.Duration(seconds) * time.Second)}}
		return r.before() + "|" + r.after()
	}
	assert.Equal(t, "0 of 288 intervals |   0%", after(1, plugin.Status{Planned: 288}), "nothing is known yet")
	assert.Equal(t, "144 of 288 intervals |  50%  12.0 pages/s  12s left", after(12, plugin.Status{Done: 144, Planned: 288, Pages: 144}))
	assert.Equal(t, "48 of 288 intervals |  16%  4.8 pages/s  held for 1h02m  50s left",
		after(10, plugin.Status{Done: 48, Planned: 288, Pages: 48, HeldFor: 62 * time.Minute}))
	assert.Equal(t, "4m05s", clock(244*time.Second+time.Millisecond))
}

func TestLinesGoAboveTheBarAndNoneIsLost(t *testing.T) {
	var terminal bytes.Buffer
	s := &screen{real: nil, idle: sample{at: began}}
	rest := s.write(&terminal, []byte("before\nhal"), false)
	assert.Empty(t, rest, "without a bar everything is written as it comes")

	now := sample{plugin.Status{Done: 1, Planned: 2}, began.Add(time.Second)}
	s.bar = newBar(&terminal, &run{first: s.idle, last: now}, mpb.WithAutoRefresh())
	rest = s.write(&terminal, []byte("during\nbegun"), false)
	assert.Equal(t, "begun", string(rest), "half a line waits for its end")
	s.set(sample{})
	assert.Nil(t, s.bar, "the run is over")
	rest = s.write(&terminal, append(rest, []byte(" and ended\n")...), false)
	assert.Empty(t, rest)
	for _, line := range []string{"before\n", "during\n", "begun and ended\n"} {
		assert.Equal(t, 1, strings.Count(terminal.String(), line), "%q in %q", line, terminal.String())
	}
}

func TestAProcessWithoutATerminalIsLeftAlone(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "stderr")
	require.NoError(t, err)
	out, errs := os.Stdout, os.Stderr
	os.Stderr = file
	defer func() { os.Stderr = errs }()
	Show(func() plugin.Status { return plugin.Status{Planned: 1} })()
	assert.Same(t, file, os.Stderr)
	assert.Same(t, out, os.Stdout)
}

func TestARelayGivesBackTheStreamAndAllThatWasWritten(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	require.NoError(t, err)
	defer file.Close()
	stream := file
	end := (&screen{}).relay(&stream)
	require.NotSame(t, file, stream)
	_, err = stream.WriteString("one\ntwo\nwithout an end")
	require.NoError(t, err)
	end()
	assert.Same(t, file, stream)
	written, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	assert.Equal(t, "one\ntwo\nwithout an end", string(written))
}
