// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/urfave/cli/v2"
)

const (
	productName = "Redpanda Connect for Genesys Cloud Analytics"

	helpName        = `{{.HelpName}} - ` + productName + `: every interval to storage, no request before its time`
	helpDescription = `Run a pipeline or choose a command:

     {{.HelpName}} create genesys_analytics//aws_s3 > ./config.yaml
     {{.HelpName}} lint ./config.yaml
     {{.HelpName}} check ./config.yaml
     {{.HelpName}} plan ./config.yaml
     {{.HelpName}} run ./config.yaml
     {{.HelpName}} checkpoint ./config.yaml
     {{.HelpName}} hold ./config.yaml
     {{.HelpName}} list inputs

It reads from and writes to files, HTTP, S3, SQS, SNS, Kinesis, Firehose, DynamoDB and Lambda, Azure
(Blob Storage, Data Lake, Cosmos DB, queues and tables), Kafka and Redpanda, OpenSearch, NATS, Redis,
PostgreSQL and MySQL, and SFTP; its metrics go to Prometheus or CloudWatch, its traces to Jaeger.`
)

// setHelp gives --help this product's name and examples: the engine's CLI options reach the
// subcommands, but not these two places. Where a later CLI words its template otherwise, the
// stock help is left as it is.
func setHelp() {
	cli.AppHelpTemplate = strings.NewReplacer(
		`{{template "helpNameTemplate" .}}`, helpName,
		`{{template "descriptionTemplate" .}}`, helpDescription,
	).Replace(cli.AppHelpTemplate)
}
