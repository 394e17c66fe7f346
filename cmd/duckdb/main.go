// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Command duckdb runs the SQL that it reads from standard input and prints what the last statement
// returns. It stands in for DuckDB's own command line, which takes the same flags, where there is
// none: in the tests of the shipped SQL, and for who reads the README.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

func main() {
	before := flag.String("cmd", "", "SQL to run first")
	asJSON := flag.Bool("json", false, "print an array of objects, not a table")
	flag.Parse()
	show := table
	if *asJSON {
		show = array
	}
	if err := run(context.Background(), *before, os.Stdin, os.Stdout, show); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, before string, in io.Reader, out io.Writer, show func(io.Writer, []string, [][]any) error) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("reading the SQL: %w", err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return fmt.Errorf("opening DuckDB: %w", err)
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, before+";\n"+string(text))
	if err != nil {
		return fmt.Errorf("running the SQL: %w", err)
	}
	defer rows.Close()
	columns, all, err := read(rows)
	if err != nil {
		return fmt.Errorf("reading the result: %w", err)
	}
	return show(out, columns, all)
}

// read returns the columns and the rows, each value as it is printed.
func read(rows *sql.Rows) (columns []string, all [][]any, err error) {
	if columns, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		for i, value := range row {
			row[i] = printed(value)
		}
		all = append(all, row)
	}
	return columns, all, rows.Err()
}

// printed keeps every digit of a decimal, and names the zone of a time.
func printed(value any) any {
	switch v := value.(type) {
	case duckdb.Decimal:
		return json.Number(v.String())
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return value
}

func array(out io.Writer, columns []string, rows [][]any) error {
	objects := make([]map[string]any, len(rows))
	for i, row := range rows {
		objects[i] = map[string]any{}
		for n, column := range columns {
			objects[i][column] = row[n]
		}
	}
	return json.NewEncoder(out).Encode(objects)
}

func table(out io.Writer, columns []string, rows [][]any) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(columns, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, value := range row {
			if cells[i] = "NULL"; value != nil {
				cells[i] = fmt.Sprint(value)
			}
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}
