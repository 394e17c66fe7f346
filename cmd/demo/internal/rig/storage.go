// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"connect-genesys.example/connect-genesys/cmd/demo/internal/proc"
)

const (
	bucket    = "analytics"
	accessKey = "demo-access-key"
	secretKey = S3Secret
	awsRegion = "us-east-1"
)

// S3Secret is the secret key of every storage of a rig.
const S3Secret = "demo-secret-key"

// Storage is an S3 server over a folder.
type Storage struct {
	// URL is its endpoint.
	URL string

	client  *s3.Client
	folder  string
	address string
	process *proc.Process
}

// portTries is how often a start is tried: another process may take a free port first.
const portTries = 3

func (r *Rig) startStorage(ctx context.Context) error {
	var err error
	for range portTries {
		if err = r.tryStorage(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (r *Rig) tryStorage(ctx context.Context) error {
	address, err := proc.FreeAddress()
	if err != nil {
		return err
	}
	s := newStorage("http://" + address)
	s.address, s.folder = address, filepath.Join(r.dir, "objects", bucket)
	if err := r.RestartStorage(ctx, s); err != nil {
		return err
	}
	if _, err := s.client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		return fmt.Errorf("making bucket %s: %w", bucket, err)
	}
	r.Storage = s
	return nil
}

// RestartStorage starts it over what it has stored.
func (r *Rig) RestartStorage(ctx context.Context, s *Storage) (err error) {
	s.process, err = r.start("versitygw", []string{
		"--port", s.address, "--health", "/health", "--quiet", "--region", awsRegion,
		// Attributes in a folder of their own: not every temporary folder's system has them.
		"posix", "--sidecar", filepath.Join(r.dir, "attributes"), filepath.Join(r.dir, "objects"),
	}, []string{"ROOT_ACCESS_KEY_ID=" + accessKey, "ROOT_SECRET_ACCESS_KEY=" + secretKey})
	if err != nil {
		return err
	}
	return s.process.Until(ctx, startLimit, "the S3 server", s.healthy)
}

// Folder is where the bucket's objects are files, by their keys.
func (s *Storage) Folder() string { return s.folder }

// Crash ends it as a machine does that loses its power.
func (s *Storage) Crash() { s.process.Kill() }

func newStorage(url string) *Storage {
	return &Storage{URL: url, client: s3.New(s3.Options{
		Region:       awsRegion,
		BaseEndpoint: aws.String(url),
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	})}
}

// healthy takes a refused connection as not yet.
func (s *Storage) healthy(ctx context.Context) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/health", nil)
	if err != nil {
		return false, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, nil // not yet
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK, nil
}

// unfinished is in the name of a file that the server is still writing. It writes over an object
// by renaming such a file, and its listing shows one that has no name of its own yet.
const unfinished = ".sgwtmp."

// Keys lists the bucket.
func (s *Storage) Keys(ctx context.Context) ([]string, error) {
	var keys []string
	pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing bucket %s: %w", bucket, err)
		}
		for _, o := range page.Contents {
			if key := aws.ToString(o.Key); !strings.Contains(key, unfinished) {
				keys = append(keys, key)
			}
		}
	}
	return keys, nil
}

// Objects reads the whole bucket. An object that is deleted after it was listed is not there.
func (s *Storage) Objects(ctx context.Context) (map[string][]byte, error) {
	keys, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	objects := make(map[string][]byte, len(keys))
	for _, key := range keys {
		body, err := s.read(ctx, key)
		if gone := new(types.NoSuchKey); errors.As(err, &gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		objects[key] = body
	}
	return objects, nil
}

func (s *Storage) read(ctx context.Context, key string) ([]byte, error) {
	o, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return nil, fmt.Errorf("reading object %s: %w", key, err)
	}
	defer o.Body.Close()
	body, err := io.ReadAll(o.Body)
	if err != nil {
		return nil, fmt.Errorf("reading object %s: %w", key, err)
	}
	return body, nil
}
