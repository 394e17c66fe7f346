// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestThePolicyShutsBothExportsBothWays(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(manifests, "networkpolicy.yaml"))
	require.NoError(t, err)
	policy := strict[networkingv1.NetworkPolicy](t, string(text)).Spec
	selector, err := metav1.LabelSelectorAsSelector(&policy.PodSelector)
	require.NoError(t, err)
	cron, deploy := readManifest(t, "cronjob.yaml"), readManifest(t, "deployment.yaml")
	for _, labels := range []map[string]string{cron.cron.Spec.JobTemplate.Spec.Template.Labels, deploy.deploy.Spec.Template.Labels} {
		assert.True(t, selector.Matches(set(labels)), labels)
	}
	assert.ElementsMatch(t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}, policy.PolicyTypes)
	for _, rule := range policy.Ingress {
		assert.NotEmpty(t, rule.From, "from anywhere")
		require.Len(t, rule.Ports, 1)
		for _, m := range []manifest{cron, deploy} {
			assert.Equal(t, m.pod.Containers[0].Ports[0].Name, rule.Ports[0].Port.StrVal)
		}
	}
	var ports []int
	for _, rule := range policy.Egress {
		require.NotEmpty(t, rule.Ports, "to any port")
		for _, port := range rule.Ports {
			ports = append(ports, port.Port.IntValue())
		}
	}
	slices.Sort(ports)
	assert.Equal(t, []int{53, 443}, slices.Compact(ports))
}

// set is labels, for a selector.
type set map[string]string

func (s set) Has(label string) bool                       { _, ok := s[label]; return ok }
func (s set) Get(label string) string                     { return s[label] }
func (s set) Lookup(label string) (value string, ok bool) { value, ok = s[label]; return value, ok }

// TestNoSecretAndNoStrangeBinaryGetsIntoTheImage: what is not named is left out.
func TestNoSecretAndNoStrangeBinaryGetsIntoTheImage(t *testing.T) {
	text, err := os.ReadFile(root + "/.dockerignore")
	require.NoError(t, err)
	var rules []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			rules = append(rules, line)
		}
	}
	require.Equal(t, "*", rules[0], "everything is left out")
	assert.NotContains(t, rules, "!bin")
	assert.Contains(t, rules, "**/*.env")
	assert.Greater(t, slices.Index(rules, "**/*.env"), slices.Index(rules, "!cmd"), "the last rule counts")
	for _, name := range []string{"cmd", "plugin", "go.mod", "go.sum", "Makefile", "LICENSE", "NOTICE"} {
		assert.Contains(t, rules, "!"+name)
	}
}

func TestNoEnvFileGetsIntoTheRepository(t *testing.T) {
	for name, ignored := range map[string]bool{"secret.env": true, "config/tenant.env": true, ".env": true, "config/example.env": false} {
		cmd := exec.Command("git", "check-ignore", "-q", name)
		cmd.Dir = root
		assert.Equal(t, ignored, cmd.Run() == nil, name)
	}
}
