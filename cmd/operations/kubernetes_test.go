// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const manifests = root + "/config/kubernetes"

// manifest is what one file deploys.
type manifest struct {
	pod     corev1.PodSpec
	cron    *batchv1.CronJob
	deploy  *appsv1.Deployment
	service *corev1.Service
	claims  []string
	configs map[string]map[string]string // of its own ConfigMaps
}

// readManifest decodes every document of a file as the type it says it is, and
// refuses what that type has not.
func readManifest(t *testing.T, file string) manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(manifests, file))
	require.NoError(t, err)
	m := manifest{configs: map[string]map[string]string{}}
	for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(string(text), -1) {
		var kind metav1.TypeMeta
		require.NoError(t, yaml.Unmarshal([]byte(document), &kind))
		switch kind.APIVersion + " " + kind.Kind {
		case "v1 ServiceAccount":
			strict[corev1.ServiceAccount](t, document)
		case "v1 PersistentVolumeClaim":
			m.claims = append(m.claims, strict[corev1.PersistentVolumeClaim](t, document).Name)
		case "v1 ConfigMap":
			c := strict[corev1.ConfigMap](t, document)
			m.configs[c.Name] = c.Data
		case "v1 Service":
			m.service = strict[corev1.Service](t, document)
		case "batch/v1 CronJob":
			m.cron = strict[batchv1.CronJob](t, document)
			m.pod = m.cron.Spec.JobTemplate.Spec.Template.Spec
		case "apps/v1 Deployment":
			m.deploy = strict[appsv1.Deployment](t, document)
			m.pod = m.deploy.Spec.Template.Spec
		default:
			t.Errorf("%s has a %s %s that nobody checks", file, kind.APIVersion, kind.Kind)
		}
	}
	require.Len(t, m.pod.Containers, 1)
	return m
}

func strict[T any](t *testing.T, document string) *T {
	t.Helper()
	value := new(T)
	require.NoError(t, yaml.UnmarshalStrict([]byte(document), value))
	return value
}

// pipelineOf is the text that the container runs, from the repository or from
// the manifest's own ConfigMap.
func pipelineOf(t *testing.T, m manifest) string {
	t.Helper()
	c := m.pod.Containers[0]
	require.Equal(t, "run", c.Args[0])
	folder, name := path.Split(c.Args[len(c.Args)-1])
	for _, mount := range c.VolumeMounts {
		if mount.MountPath != path.Clean(folder) {
			continue
		}
		for _, volume := range m.pod.Volumes {
			if volume.Name != mount.Name {
				continue
			}
			require.NotNil(t, volume.ConfigMap)
			if own, ok := m.configs[volume.ConfigMap.Name]; ok {
				require.Contains(t, own, name)
				return own[name]
			}
			text, err := os.ReadFile(filepath.Join(root, "config", name))
			require.NoError(t, err)
			return string(text)
		}
	}
	t.Fatalf("nothing is mounted at %s", folder)
	return ""
}

func secret(t *testing.T) *corev1.Secret {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(manifests, "secret.example.yaml"))
	require.NoError(t, err)
	return strict[corev1.Secret](t, string(text))
}

// usualShutdown is the engine's shutdown_timeout.
const usualShutdown = 20 * time.Second

func TestTheManifestsFitTheirPipelines(t *testing.T) {
	for _, file := range []string{"cronjob.yaml", "deployment.yaml"} {
		t.Run(file, func(t *testing.T) {
			m := readManifest(t, file)
			text := pipelineOf(t, m)

			var settings struct {
				ShutdownTimeout string `json:"shutdown_timeout"`
			}
			require.NoError(t, yaml.Unmarshal([]byte(text), &settings))
			shutdown := usualShutdown
			if settings.ShutdownTimeout != "" {
				var err error
				shutdown, err = time.ParseDuration(settings.ShutdownTimeout)
				require.NoError(t, err)
			}
			require.NotNil(t, m.pod.TerminationGracePeriodSeconds)
			assert.Greater(t, time.Duration(*m.pod.TerminationGracePeriodSeconds)*time.Second, shutdown+5*time.Second)

			checkEnvironment(t, m, text)
			checkRights(t, m.pod)
			lint(t, m, text)
		})
	}
}

var interpolated = regexp.MustCompile(`\$\{([0-9A-Za-z_.]+)(:?)`)

// checkEnvironment wants all that the pipeline needs, and nothing that nobody reads.
func checkEnvironment(t *testing.T, m manifest, pipeline string) {
	t.Helper()
	given := map[string]bool{}
	for _, env := range m.pod.Containers[0].Env {
		assert.False(t, given[env.Name], "%s is given twice", env.Name)
		given[env.Name] = true
		known := strings.Contains(pipeline, "${"+env.Name)
		assert.True(t, known || strings.HasPrefix(env.Name, "AWS_") || env.Name == "GOMEMLIMIT", "nobody reads %s", env.Name)
	}
	for _, found := range interpolated.FindAllStringSubmatch(pipeline, -1) {
		if name, hasDefault := found[1], found[2] != ""; !hasDefault {
			assert.True(t, given[name], "the pipeline needs %s", name)
		}
	}
	keys := secret(t)
	used := map[string]bool{}
	for _, env := range m.pod.Containers[0].Env {
		sensitive := strings.Contains(env.Name, "SECRET") || strings.HasSuffix(env.Name, "_ID")
		if env.ValueFrom == nil {
			assert.False(t, sensitive, "%s belongs into the Secret", env.Name)
			continue
		}
		from := env.ValueFrom.SecretKeyRef
		require.NotNil(t, from, env.Name)
		assert.Equal(t, keys.Name, from.Name)
		assert.Contains(t, keys.StringData, from.Key)
		used[from.Key] = true
	}
	for key := range keys.StringData {
		assert.True(t, used[key], "%s of the Secret is not used", key)
	}
}

func checkRights(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	require.NotNil(t, pod.SecurityContext)
	assert.True(t, *pod.SecurityContext.RunAsNonRoot)
	assert.NotZero(t, *pod.SecurityContext.RunAsUser)
	assert.False(t, *pod.AutomountServiceAccountToken)
	c := pod.Containers[0]
	assert.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
	assert.False(t, *c.SecurityContext.AllowPrivilegeEscalation)
	assert.Equal(t, []corev1.Capability{"ALL"}, c.SecurityContext.Capabilities.Drop)
	assert.NotEmpty(t, c.Resources.Requests)
	assert.False(t, c.Resources.Limits.Memory().IsZero())
	volumes := map[string]bool{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = true
	}
	for _, mount := range c.VolumeMounts {
		assert.True(t, volumes[mount.Name], "the volume %s is not there", mount.Name)
	}
}

// lint lints the pipeline in the environment that the manifest gives it.
func lint(t *testing.T, m manifest, pipeline string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pipeline.yaml")
	require.NoError(t, os.WriteFile(file, []byte(pipeline), 0o600))
	cmd := exec.Command(filepath.Join(root, "bin", "redpanda-connect-genesys"), "lint", file)
	for _, env := range m.pod.Containers[0].Env {
		value := env.Value
		if env.ValueFrom != nil {
			value = secret(t).StringData[env.ValueFrom.SecretKeyRef.Key]
		}
		cmd.Env = append(cmd.Env, env.Name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestTheCronJobRunsOnceADayAndWaitsForLongHolds(t *testing.T) {
	m := readManifest(t, "cronjob.yaml")
	spec := m.cron.Spec
	assert.Equal(t, "0 2 * * *", spec.Schedule)
	require.NotNil(t, spec.TimeZone)
	assert.Equal(t, "Asia/Seoul", *spec.TimeZone)
	assert.Equal(t, batchv1.ForbidConcurrent, spec.ConcurrencyPolicy)
	deadline := time.Duration(*spec.JobTemplate.Spec.ActiveDeadlineSeconds) * time.Second
	grace := time.Duration(*m.pod.TerminationGracePeriodSeconds) * time.Second
	assert.Greater(t, deadline, 12*time.Hour, "a hold may last for many hours")
	assert.Less(t, deadline+grace, 24*time.Hour, "but must not stand in the way of the next run")
	assert.Equal(t, corev1.RestartPolicyNever, m.pod.RestartPolicy, "a pod failure policy wants it")
	assert.Contains(t, m.cron.Name, "genesys", "the alert goes by the job's name")

	position := ""
	for _, env := range m.pod.Containers[0].Env {
		if env.Name == "CHECKPOINT_DIR" {
			position = env.Value
		}
	}
	for _, mount := range m.pod.Containers[0].VolumeMounts {
		if mount.MountPath != position {
			continue
		}
		for _, volume := range m.pod.Volumes {
			if volume.Name == mount.Name {
				require.NotNil(t, volume.PersistentVolumeClaim)
				assert.Contains(t, m.claims, volume.PersistentVolumeClaim.ClaimName)
				return
			}
		}
	}
	t.Error("the position does not outlive the pod")
}

func TestTheDeploymentIsOneProcessThatIsHealthyWhileItWaits(t *testing.T) {
	m := readManifest(t, "deployment.yaml")
	spec := m.deploy.Spec
	assert.Equal(t, int32(1), *spec.Replicas)
	assert.Equal(t, appsv1.RecreateDeploymentStrategyType, spec.Strategy.Type)
	c := m.pod.Containers[0]
	assert.Equal(t, "/ready", c.ReadinessProbe.HTTPGet.Path)
	assert.Equal(t, "/ping", c.LivenessProbe.HTTPGet.Path)
	assert.Equal(t, spec.Selector.MatchLabels, spec.Template.Labels)
	require.NotNil(t, m.service)
	assert.Equal(t, spec.Selector.MatchLabels, m.service.Spec.Selector)
	assert.Contains(t, m.service.Name, "genesys", "the alert goes by the job's name")
	assert.Contains(t, pipelineOf(t, m), "schedule: 0 2 * * *")
}

// Status 1 is an error that another pod would meet as well, 75 a run that was stopped, which another
// pod goes on with.
func TestTheCronJobKnowsTheExitStatuses(t *testing.T) {
	actions := map[int32]batchv1.PodFailurePolicyAction{}
	for _, rule := range readManifest(t, "cronjob.yaml").cron.Spec.JobTemplate.Spec.PodFailurePolicy.Rules {
		if rule.OnExitCodes == nil {
			continue
		}
		assert.Equal(t, batchv1.PodFailurePolicyOnExitCodesOpIn, rule.OnExitCodes.Operator)
		for _, status := range rule.OnExitCodes.Values {
			actions[status] = rule.Action
		}
	}
	assert.Equal(t, map[int32]batchv1.PodFailurePolicyAction{
		1:  batchv1.PodFailurePolicyActionFailJob,
		75: batchv1.PodFailurePolicyActionIgnore,
	}, actions)
}
