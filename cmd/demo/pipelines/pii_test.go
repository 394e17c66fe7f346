// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package pipelines

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	withoutPersonalData = "config/pii/conversations_without_personal_data.yaml"
	piiKey              = "0123456789abcdef0123456789abcdef"
)

func hashed(of string) string {
	h := hmac.New(sha256.New, []byte(piiKey))
	h.Write([]byte(of))
	return hex.EncodeToString(h.Sum(nil))
}

// personal is what the front puts into each conversation, at each place where something may be.
const personal = "Kim-Personal-4711"

// withPersonalData is a page in which everybody has a name, a number and an attribute, and each object something
// that nobody has heard of.
func withPersonalData(page []byte) []byte {
	var answer map[string]any
	if json.Unmarshal(page, &answer) != nil {
		return nil
	}
	answer["newOfPage"] = personal
	for _, c := range list(answer["conversations"]) {
		c["externalTag"], c["newOfConversation"] = personal, personal
		for _, p := range list(c["participants"]) {
			p["participantName"], p["externalContactId"], p["newOfParticipant"] = personal, personal, personal
			p["attributes"] = map[string]any{"customer": personal}
			for _, s := range list(p["sessions"]) {
				for _, name := range []string{"ani", "dnis", "sessionDnis", "addressFrom", "addressTo", "addressSelf", "remote", "callbackUserName", "newOfSession"} {
					s[name] = personal
				}
				s["callbackNumbers"] = []string{personal}
			}
		}
	}
	page, _ = json.Marshal(answer)
	return page
}

// TestNoPersonalDataIsWritten looks for it in the bucket, in the checkpoint and in the log.
func TestNoPersonalDataIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "100")
	const start, end = "2026-11-20T15:00:00.000Z", "2026-11-21T15:00:00.000Z"
	conversations := startedIn(w.conversations(t, "2026-11-20T15:00:00Z/2026-11-21T15:00:00Z"), start, end)
	w.putFront(t, func(req *http.Request, body []byte) []byte {
		if strings.HasSuffix(req.URL.Path, "/results") {
			return withPersonalData(body)
		}
		return nil
	})
	kept := t.TempDir()
	status, log := w.toEnd(t, withoutPersonalData, "PII_KEY="+piiKey, "EXPORT_START=2026-11-21", "EXPORT_END=2026-11-22", "CHECKPOINT_DIR="+kept)
	require.Zero(t, status, log)

	assert.NotContains(t, log, personal)
	require.NoError(t, filepath.WalkDir(kept, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, err := os.ReadFile(path)
			assert.NotContains(t, string(text), personal)
			return err
		}
		return err
	}))
	for key, object := range w.objects(t, "") {
		assert.NotContains(t, string(object), personal, key)
	}
	want := flat(conversations)
	sessions := lines(t, w.objects(t, "conversations/sessions/"))
	assert.Len(t, sessions, len(want["sessions"]))
	for _, s := range sessions {
		for _, name := range []string{"ani", "dnis", "session_dnis"} {
			assert.Equal(t, hashed(personal), s[name])
		}
	}
	w.measured(t, "sessions without personal data", len(sessions))
	participants := lines(t, w.objects(t, "conversations/participants/"))
	assert.Len(t, participants, len(want["participants"]))
	attributes := lines(t, w.objects(t, "conversations/participant_attributes/"))
	assert.Len(t, attributes, len(want["participants"]), "one of each")
	for _, a := range attributes {
		assert.Equal(t, "customer", a["attribute_name"])
		assert.Equal(t, hashed(personal), a["attribute_value"])
	}
}

func TestPersonalDataWithAKeyThatIsTooShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--conversations", "10")
	p := w.start(t, withoutPersonalData, "PII_KEY=1234", "EXPORT_START=2026-11-21", "EXPORT_END=2026-11-22")
	require.NoError(t, p.Until(t.Context(), patience, "a refusal", func(context.Context) (bool, error) {
		return strings.Contains(p.Output(), "PII_KEY is too short"), nil
	}))
	assert.Empty(t, w.objects(t, ""))
}
