// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// dashboard is as much of Grafana's JSON as the picture and the checks need.
type dashboard struct {
	Title         string  `json:"title"`
	SchemaVersion int     `json:"schemaVersion"`
	Panels        []panel `json:"panels"`
	Templating    struct {
		List []variable `json:"list"`
	} `json:"templating"`
}

type variable struct {
	Name       string `json:"name"`
	Definition string `json:"definition"` // a query's, label_values(metric, label)
}

type panel struct {
	ID          int        `json:"id"`
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Datasource  datasource `json:"datasource"`
	GridPos     grid       `json:"gridPos"`
	Targets     []target   `json:"targets"`
	FieldConfig struct {
		Defaults defaults `json:"defaults"`
	} `json:"fieldConfig"`
}

type datasource struct {
	UID string `json:"uid"`
}

// grid is a place on Grafana's 24 columns.
type grid struct{ H, W, X, Y int }

type target struct {
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat"`
	Datasource   datasource `json:"datasource"`
}

type defaults struct {
	Unit       string   `json:"unit"`
	Max        *float64 `json:"max"`
	Thresholds struct {
		Steps []threshold `json:"steps"`
	} `json:"thresholds"`
	Custom struct {
		LineInterpolation string `json:"lineInterpolation"`
		Stacking          struct {
			Mode string `json:"mode"`
		} `json:"stacking"`
	} `json:"custom"`
}

type threshold struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

const folder = "config/observability"

func readDashboard(root string) (*dashboard, error) {
	text, err := os.ReadFile(filepath.Join(root, folder, "dashboard.json"))
	if err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	d := &dashboard{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("reading the dashboard: %w", err)
	}
	return d, nil
}

// filled is an expression as Grafana sends it: everything chosen, over a short span.
func filled(expr string) string {
	return strings.NewReplacer(
		"$__rate_interval", "6s", "$__range", "5m", "$job", ".*", "$stream", ".*", "$label", ".*",
	).Replace(expr)
}
