// The check for known vulnerabilities, in a module of its own: programs that import plugin do
// not inherit govulncheck.
module connect-genesys.example/connect-genesys/cmd/vulnerabilities

go 1.26.6

require (
	github.com/stretchr/testify v1.12.1
	golang.org/x/vuln v1.9.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/telemetry v0.0.0-20261010193011-f71dc92da45e // indirect
	golang.org/x/tools v0.52.0 // indirect
)
