// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNoticeSaysWhatIsLinked(t *testing.T) {
	want, err := notice(t.Context(), "../..")
	require.NoError(t, err)
	got, err := os.ReadFile("../../NOTICE")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got), "run `make notice`")
}

func TestALicenceIsKnownByItsText(t *testing.T) {
	assert.Equal(t, []string{"BSD-2-Clause"}, named("Redistribution and use in\nsource and binary forms, with"))
	assert.Equal(t, []string{"Apache-2.0", "MIT"}, named("Permission is hereby granted, free of charge ... Apache License Version 2.0"))
	assert.Empty(t, named("All rights reserved."))
	assert.Equal(t, "BSL", restricted([]byte("// governed by the Business Source License\n")))
	assert.Equal(t, "RCL", restricted([]byte("// Licensed as a Redpanda Enterprise file under the Redpanda Community\n// License (the")))
	assert.Empty(t, restricted([]byte("// Copyright")))
}

func TestWhatARestrictedFileRegistersIsKnown(t *testing.T) {
	assert.Equal(t, []string{"a_cdc", "b"}, registered([]byte(`
	service.MustRegisterBatchInput("a_cdc", spec(), build)
	err := service.RegisterOutput(
		"b", spec(),`)))
}

func TestWhoImportsThePluginDoesNotInheritRedpandaConnect(t *testing.T) {
	for _, name := range []string{"../../go.mod", "../../go.sum"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.NotContains(t, string(text), "github.com/redpanda-data/connect/", name)
	}
}
