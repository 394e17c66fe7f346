// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
)

// The picture's measures, in pixels: a column and a row of Grafana's grid, and what is around.
const (
	columnPx, rowPx = 42, 26
	gapPx           = 6
	headPx          = 44
	columns         = 24
)

// Grafana's dark theme and its classic palette.
var (
	palette = []string{"#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#b877d9"}
	colours = map[string]string{"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c"}
)

const (
	backgroundColour, panelColour = "#111217", "#181b1f"
	textColour, dimColour         = "#ccccdc", "#8e8e9c"
	lineColour                    = "#2c3235"
)

// canvas is an SVG that is being written.
type canvas struct{ bytes.Buffer }

func (c *canvas) rect(x, y, w, h float64, fill, stroke string) {
	fmt.Fprintf(c, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s" stroke="%s"/>`+"\n", x, y, w, h, fill, stroke)
}

func (c *canvas) text(x, y float64, size int, anchor, fill, text string) {
	fmt.Fprintf(c, `<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" fill="%s">%s</text>`+"\n", x, y, size, anchor, fill, html.EscapeString(text))
}

func (c *canvas) line(x1, y1, x2, y2 float64, stroke string) {
	fmt.Fprintf(c, `<path d="M%.1f %.1fL%.1f %.1f" stroke="%s"/>`+"\n", x1, y1, x2, y2, stroke)
}

// draw draws every panel with what its queries give.
func draw(ctx context.Context, d *dashboard, s *store, from, to time.Time) ([]byte, error) {
	c := &canvas{}
	height := headPx
	for _, p := range d.Panels {
		height = max(height, headPx+(p.GridPos.Y+p.GridPos.H)*rowPx)
	}
	width := columns*columnPx + gapPx
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="Inter, Helvetica, Arial, sans-serif">`+"\n", width, height+gapPx)
	c.rect(0, 0, float64(width), float64(height+gapPx), backgroundColour, "none")
	c.text(12, 28, 17, "start", textColour, d.Title)
	c.text(float64(width)-12, 28, 12, "end", dimColour,
		fmt.Sprintf("two simulated tenants, 50 requests in 5 s each, %.0f s of a run", to.Sub(from).Seconds()))
	for _, p := range d.Panels {
		found, err := evaluate(ctx, p, s, from, to)
		if err != nil {
			return nil, err
		}
		f := frame{
			x: float64(p.GridPos.X*columnPx + gapPx), y: float64(headPx + p.GridPos.Y*rowPx),
			w: float64(p.GridPos.W*columnPx - gapPx), h: float64(p.GridPos.H*rowPx - gapPx),
		}
		c.rect(f.x, f.y, f.w, f.h, panelColour, lineColour)
		c.text(f.x+10, f.y+18, 12, "start", textColour, p.Title)
		if p.Type == "stat" {
			c.stat(f, p, found)
		} else {
			c.graph(f.inner(), p, found, from, to)
		}
	}
	c.WriteString("</svg>\n")
	return c.Bytes(), nil
}

type frame struct{ x, y, w, h float64 }

// inner is where a panel's lines go, within its axes and its legend.
func (f frame) inner() frame { return frame{f.x + 56, f.y + 30, f.w - 70, f.h - 72} }

// curve is one series of a panel.
type curve struct {
	name   string
	points []promql.FPoint
}

func evaluate(ctx context.Context, p panel, s *store, from, to time.Time) (curves []curve, err error) {
	for _, t := range p.Targets {
		found, err := s.query(ctx, filled(t.Expr), from, to, time.Second)
		if err != nil {
			return nil, fmt.Errorf("panel %s: %w", p.Title, err)
		}
		for _, series := range found {
			curves = append(curves, curve{legend(t.LegendFormat, series.Metric), series.Floats})
		}
	}
	return curves, nil
}

var labelName = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

func legend(format string, of labels.Labels) string {
	return labelName.ReplaceAllStringFunc(format, func(name string) string {
		return of.Get(strings.Trim(name, "{} "))
	})
}

// stat writes the last value, in the colour of its threshold.
func (c *canvas) stat(f frame, p panel, found []curve) {
	text, colour := "–", dimColour
	if len(found) > 0 && len(found[0].points) > 0 {
		value := found[0].points[len(found[0].points)-1].F
		text, colour = format(value, p.FieldConfig.Defaults.Unit), colours["green"]
		for _, step := range p.FieldConfig.Defaults.Thresholds.Steps {
			if step.Value == nil || value >= *step.Value {
				colour = colours[step.Color]
			}
		}
	}
	c.text(f.x+f.w/2, f.y+f.h/2+22, 30, "middle", colour, text)
}

// graph draws the lines, stacked where the panel says so.
func (c *canvas) graph(f frame, p panel, found []curve, from, to time.Time) {
	style := p.FieldConfig.Defaults
	if style.Custom.Stacking.Mode == "normal" {
		found = stacked(found)
	}
	top := topOf(found)
	if style.Max != nil {
		top = *style.Max
	}
	c.axes(f, style.Unit, top, from, to)
	if len(found) == 0 {
		c.text(f.x+f.w/2, f.y+f.h/2, 12, "middle", dimColour, "No data")
	}
	at := f.x
	for i, one := range found {
		colour := palette[i%len(palette)]
		c.curve(f, one, top, from, to, colour, style.Custom.LineInterpolation == "stepAfter")
		c.rect(at, f.y+f.h+24, 12, 4, colour, "none")
		c.text(at+17, f.y+f.h+30, 11, "start", dimColour, one.name)
		at += 34 + 6.2*float64(len(one.name))
	}
}

// stacked puts each curve on those before it, the highest first so that none hides another.
func stacked(curves []curve) []curve {
	below := map[int64]float64{}
	out := make([]curve, 0, len(curves))
	for _, one := range curves {
		sum := curve{name: one.name}
		for _, point := range one.points {
			below[point.T] += point.F
			sum.points = append(sum.points, promql.FPoint{T: point.T, F: below[point.T]})
		}
		out = append([]curve{sum}, out...)
	}
	return out
}

// topOf is a round number above every point.
func topOf(curves []curve) float64 {
	highest := 0.0
	for _, one := range curves {
		for _, point := range one.points {
			if !math.IsNaN(point.F) {
				highest = max(highest, point.F)
			}
		}
	}
	if highest == 0 {
		return 1
	}
	unit := math.Pow(10, math.Floor(math.Log10(highest)))
	for _, factor := range []float64{1, 1.5, 2, 3, 4, 5, 6, 8, 10} {
		if highest <= factor*unit {
			return factor * unit
		}
	}
	return highest
}

const gridLines = 2

func (c *canvas) axes(f frame, unit string, top float64, from, to time.Time) {
	for i := range gridLines + 1 {
		share := float64(i) / gridLines
		y := f.y + f.h*(1-share)
		c.line(f.x, y, f.x+f.w, y, lineColour)
		c.text(f.x-7, y+4, 10, "end", dimColour, format(top*share, unit))
	}
	const ticks = 5
	for i := range ticks + 1 {
		share := float64(i) / ticks
		seconds := to.Sub(from).Seconds() * share
		c.text(f.x+f.w*share, f.y+f.h+14, 10, "middle", dimColour, fmt.Sprintf("%.0f s", seconds))
	}
}

func (c *canvas) curve(f frame, one curve, top float64, from, to time.Time, colour string, steps bool) {
	var path strings.Builder
	y := 0.0
	for _, point := range one.points {
		if math.IsNaN(point.F) {
			continue
		}
		x := f.x + f.w*float64(point.T-from.UnixMilli())/float64(to.Sub(from).Milliseconds())
		next := f.y + f.h*(1-min(1, point.F/top))
		switch {
		case path.Len() == 0:
			fmt.Fprintf(&path, "M%.1f %.1f", x, next)
		case steps:
			fmt.Fprintf(&path, "L%.1f %.1fL%.1f %.1f", x, y, x, next)
		default:
			fmt.Fprintf(&path, "L%.1f %.1f", x, next)
		}
		y = next
	}
	fmt.Fprintf(c, `<path d="%s" fill="none" stroke="%s" stroke-width="1.6"/>`+"\n", path.String(), colour)
}

// format is a value in a unit of Grafana's.
func format(value float64, unit string) string {
	switch unit {
	case "percentunit":
		return fmt.Sprintf("%.0f%%", value*100)
	case "s":
		return seconds(value)
	case "reqpm":
		return number(value) + "/min"
	case "cps":
		return number(value) + "/s"
	}
	return number(value)
}

func seconds(value float64) string {
	switch {
	case value == 0:
		return "0 s"
	case value < 1:
		return number(value*1000) + " ms"
	case value < 2*60:
		return number(value) + " s"
	case value < 2*3600:
		return number(value/60) + " min"
	}
	return number(value/3600) + " h"
}

func number(value float64) string {
	switch {
	case value == math.Trunc(value) || value >= 100:
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.2g", value)
}
