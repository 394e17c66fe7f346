// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/redpanda-data/benthos/v4/public/service"

	_ "github.com/redpanda-data/benthos/v4/public/components/pure"

	_ "connect-genesys.example/connect-genesys/plugin"
	"connect-genesys.example/connect-genesys/plugin/simulator"
)

// A program of your own imports the plugin for its side effects; its pipelines then
// have the components. Here one reads a quarter of an hour from a tenant that is
// played by the simulator.
func Example() {
	tenant, err := simulator.New(simulator.Config{ClientID: "id", ClientSecret: "secret"})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(tenant)
	defer server.Close()

	stream := service.NewStreamBuilder()
	err = errors.Join(stream.SetLoggerYAML("level: NONE"), stream.AddInputYAML(strings.ReplaceAll(`
genesys_analytics:
  api_url: TENANT
  login_url: TENANT
  client_id: id
  client_secret: secret
  endpoint: /api/v2/analytics/queues/summary
  start: 2026-11-22T00:00:00Z
  end: 2026-11-22T00:15:00Z
`, "TENANT", server.URL)))
	if err != nil {
		log.Fatal(err)
	}
	err = stream.AddConsumerFunc(func(_ context.Context, page *service.Message) error {
		key, _ := page.MetaGet("genesys_key")
		fmt.Println(key)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	pipeline, err := stream.Build()
	if err != nil {
		log.Fatal(err)
	}
	if err := pipeline.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// queues-summary/2026/11/22/000000Z-000500Z/p0001
	// queues-summary/2026/11/22/000500Z-001000Z/p0001
	// queues-summary/2026/11/22/001000Z-001500Z/p0001
}
