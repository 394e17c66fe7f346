// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

// Package genesys is a client of the part of the Genesys Cloud Platform API that exports
// need: regions, tokens, the analytics endpoints, their paging and jobs, and errors. The
// contract tests compare it with the vendor's public API description.
package genesys

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// region is an AWS region of Genesys Cloud and its domain: the API is at api.<domain>,
// OAuth at login.<domain>.
type region struct{ name, domain string }

// regions are those of the vendor's SDKs of August 2026.
var regions = []region{
	{"us-east-1", "mypurecloud.com"},
	{"us-east-2", "use2.us-gov-pure.cloud"},
	{"us-west-2", "usw2.pure.cloud"},
	{"ca-central-1", "cac1.pure.cloud"},
	{"mx-central-1", "mxc1.pure.cloud"},
	{"sa-east-1", "sae1.pure.cloud"},
	{"eu-west-1", "mypurecloud.ie"},
	{"eu-west-2", "euw2.pure.cloud"},
	{"eu-central-1", "mypurecloud.de"},
	{"eu-central-2", "euc2.pure.cloud"},
	{"eusc-de-east-1", "edee1.eusc-pure.cloud"},
	{"me-central-1", "mec1.pure.cloud"},
	{"ap-south-1", "aps1.pure.cloud"},
	{"ap-southeast-1", "apse1.pure.cloud"},
	{"ap-southeast-2", "mypurecloud.com.au"},
	{"ap-northeast-1", "mypurecloud.jp"},
	{"ap-northeast-2", "apne2.pure.cloud"},
	{"ap-northeast-3", "apne3.pure.cloud"},
}

// Origins are the two hosts of a tenant, as URLs with nothing but scheme and host.
type Origins struct{ API, Login *url.URL }

// RegionOrigins returns the hosts of a region, given by its AWS name (ap-northeast-2) or its
// Genesys Cloud domain (apne2.pure.cloud).
func RegionOrigins(name string) (Origins, error) {
	for _, r := range regions {
		if name == r.name || name == r.domain {
			return Origins{
				API:   &url.URL{Scheme: "https", Host: "api." + r.domain},
				Login: &url.URL{Scheme: "https", Host: "login." + r.domain},
			}, nil
		}
	}
	return Origins{}, fmt.Errorf("region %q is not known: want an AWS region or its Genesys Cloud domain, one of %s", name, knownRegions())
}

func knownRegions() string {
	var known []string
	for _, r := range regions {
		known = append(known, r.name+" ("+r.domain+")")
	}
	return strings.Join(known, ", ")
}

// ParseOrigin parses a URL that has nothing but scheme and host. Plain http would show the
// client secret to the network, so it is accepted for loopback hosts only.
func ParseOrigin(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return nil, fmt.Errorf("%q is not the URL of a host: want one like https://api.mypurecloud.com", redacted(s))
	case u.User != nil:
		return nil, fmt.Errorf("%q has a user name or password in it: want only scheme and host", redacted(s))
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q has more than scheme and host: want %s://%s", s, u.Scheme, u.Host)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, fmt.Errorf("%q has the scheme %s: want https (http is only for loopback hosts)", s, u.Scheme)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// redacted returns a URL without what is before an @, which may be a password.
func redacted(s string) string {
	if i := strings.LastIndex(s, "@"); i >= 0 {
		return "..." + s[i:]
	}
	return s
}

func loopback(host string) bool { return host == "localhost" || net.ParseIP(host).IsLoopback() }

// sameOrigin reports whether scheme, host and port are the same (RFC 6454, section 5).
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	default:
		return "443"
	}
}
