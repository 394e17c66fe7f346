// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/url"
	"time"
)

// queueSummary is one queue of GET /api/v2/analytics/queues/summary, which the
// public API description does not have: an entity with metrics like an
// aggregate's, and with its buckets where the granularity makes several.
type queueSummary struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Interval    string         `json:"interval"`
	Granularity string         `json:"granularity,omitempty"`
	Metrics     []metricData   `json:"metrics"`
	Data        []bucketMetric `json:"data,omitempty"`
	SelfURI     string         `json:"selfUri"`
}

var summaryMetrics = []string{"nOffered", "nConnected", "oServiceLevel", "tAbandon", "tAnswered", "tHandle"}

func (s *Simulator) queuesSummary(c *call) (reply, *apiError) {
	iv, err := c.interval()
	if err != nil {
		return reply{}, err
	}
	granularity := c.query.Get("granularity")
	buckets, err := bucketsOf(iv, granularity, c.query.Get("timeZone"))
	if err != nil {
		return reply{}, err
	}
	return list(c, iv.String(), s.data.queues, maxPage, func(i int) queueSummary {
		id := s.data.queueID(i)
		q := queueSummary{
			ID:          id,
			Name:        queueName(i),
			Interval:    iv.String(),
			Granularity: granularity,
			Metrics:     s.data.summary(i, iv),
			SelfURI:     "/api/v2/routing/queues/" + id,
		}
		if len(buckets) > 1 {
			for _, b := range buckets {
				q.Data = append(q.Data, bucketMetric{Interval: b.String(), Metrics: s.data.summary(i, b)})
			}
		}
		return q
	})
}

func (d dataset) summary(queue int, iv interval) []metricData {
	group := hashString("queues/summary", d.queueID(queue))
	metrics := make([]metricData, 0, len(summaryMetrics))
	for _, name := range summaryMetrics {
		m := metricData{Metric: name, Stats: d.stats(group, iv, name, "")}
		if queue == 0 && name == "tHandle" {
			m.Stats.Sum = beyondFloat
		}
		metrics = append(metrics, m)
	}
	return metrics
}

type routingQueue struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Division    entityRef `json:"division"`
	DateCreated string    `json:"dateCreated"`
	MemberCount int       `json:"memberCount"`
	SelfURI     string    `json:"selfUri"`
}

func (s *Simulator) routingQueues(c *call) (reply, *apiError) {
	const most = 500
	return list(c, "", s.data.queues, most, func(i int) routingQueue {
		id := s.data.queueID(i)
		return routingQueue{
			ID:          id,
			Name:        queueName(i),
			Division:    s.data.home(),
			DateCreated: stamp(epoch + int64(i)*3_600_000),
			MemberCount: agentsPerQueue,
			SelfURI:     "/api/v2/routing/queues/" + id,
		}
	})
}

// exportJob is ReportingExportJobResponse: what it requires, and where the file is.
type exportJob struct {
	ID                 string   `json:"id"`
	Name               string   `json:"name"`
	RunID              string   `json:"runId"`
	Status             string   `json:"status"`
	TimeZone           string   `json:"timeZone"`
	ExportFormat       string   `json:"exportFormat"`
	Interval           string   `json:"interval"`
	DownloadURL        string   `json:"downloadUrl,omitempty"`
	ViewType           string   `json:"viewType"`
	Period             string   `json:"period"`
	Filter             struct{} `json:"filter"`
	Read               bool     `json:"read"`
	CreatedDateTime    string   `json:"createdDateTime"`
	ModifiedDateTime   string   `json:"modifiedDateTime"`
	Locale             string   `json:"locale"`
	PercentageComplete float64  `json:"percentageComplete"`
	SelfURI            string   `json:"selfUri"`
}

const reportExports = 60

func (s *Simulator) reportingExports(c *call) (reply, *apiError) {
	return list(c, "", reportExports, maxPage, s.data.exportJob)
}

func (d dataset) exportJob(i int) exportJob {
	id := uuid(mix(d.seed, kindExport, uint64(i)))
	day := time.UnixMilli(epoch).UTC().AddDate(0, 0, i)
	x := exportJob{
		ID:                 id,
		Name:               "Daily queues " + day.Format(time.DateOnly),
		RunID:              uuid(mix(d.seed, kindExport, uint64(i), 1)),
		Status:             "COMPLETED",
		TimeZone:           "UTC",
		ExportFormat:       "CSV",
		Interval:           interval{day, day.AddDate(0, 0, 1)}.String(),
		DownloadURL:        "/api/v2/downloads/" + url.PathEscape(id),
		ViewType:           "QUEUE_PERFORMANCE_SUMMARY_VIEW",
		Period:             "PT30M",
		CreatedDateTime:    stamp(day.UnixMilli() + dayMillis),
		ModifiedDateTime:   stamp(day.UnixMilli() + dayMillis + 60_000),
		Locale:             "en-us",
		PercentageComplete: 1,
		SelfURI:            "/api/v2/analytics/reporting/exports/" + id,
	}
	if i%10 == 9 {
		x.Status, x.DownloadURL = "FAILED", ""
	}
	return x
}
