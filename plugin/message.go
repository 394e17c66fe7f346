// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"connect-genesys.example/connect-genesys/plugin/export"
	"connect-genesys.example/connect-genesys/plugin/settings"
	"connect-genesys.example/connect-genesys/plugin/window"
)

// newMessage returns a page as a message.
func newMessage(q *settings.Query, out *export.Output) *service.Message {
	msg := service.NewMessage(nil)
	describe(msg, q, out.Item, out.Revision)
	return msg
}

// newManifest returns the message of a run's manifest.
func newManifest(q *settings.Query, out *export.Output, dropped []window.Interval) *service.Message {
	m := out.Manifest.Manifest(q.Dataset, q.Endpoint, time.Now(), out.Counts)
	for _, iv := range dropped {
		m.Dropped(iv)
	}
	body, err := json.Marshal(m)
	if err != nil { // a manifest has nothing that JSON cannot hold
		panic(err)
	}
	msg := service.NewMessage(body)
	identify(msg, "manifest", q, window.Interval{Start: m.Start, End: m.End}, export.ManifestKey(m.Dataset, m.Start, m.End))
	return msg
}

// identify sets the metadata that every message has.
func identify(msg *service.Message, kind string, q *settings.Query, iv window.Interval, key string) {
	msg.MetaSetMut("genesys_kind", kind)
	msg.MetaSetMut("genesys_endpoint", q.Endpoint.Path)
	msg.MetaSetMut("genesys_dataset", q.Dataset)
	msg.MetaSetMut("genesys_interval_start", iv.Start.Format(time.RFC3339))
	msg.MetaSetMut("genesys_interval_end", iv.End.Format(time.RFC3339))
	msg.MetaSetMut("genesys_key", key)
}

// describe sets a message's body and metadata to a page's. The body is shared, not
// copied: processors must not change it in place.
func describe(msg *service.Message, q *settings.Query, item *export.Item, revision int) {
	msg.SetBytes(item.Page.Body)
	identify(msg, "page", q, item.Interval, export.Key(q.Dataset, item.Interval, item.Page.Number))
	msg.MetaSetMut("genesys_interval", item.Interval.String())
	if q.Granularity != "" {
		msg.MetaSetMut("genesys_granularity", q.Granularity)
	}
	msg.MetaSetMut("genesys_page", int64(item.Page.Number))
	msg.MetaSetMut("genesys_last_page", item.Page.Last)
	if item.Page.Total != nil {
		msg.MetaSetMut("genesys_total", *item.Page.Total)
	}
	msg.MetaSetMut("genesys_revision", int64(revision))
	msg.MetaSetMut("genesys_fetched_at", item.Page.FetchedAt.UTC().Format(time.RFC3339Nano))
	if item.Page.CorrelationID != "" {
		msg.MetaSetMut("genesys_correlation_id", item.Page.CorrelationID)
	}
}
