// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

// keepFilesFromOthers has nothing to do where rights are a folder's and inherited.
func keepFilesFromOthers() {}
