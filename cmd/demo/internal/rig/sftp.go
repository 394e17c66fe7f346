// Copyright 2026 The connect-genesys authors. SPDX-License-Identifier: Apache-2.0

package rig

import (
	"crypto/ed25519"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// SFTP is a server over a folder, in this process.
type SFTP struct {
	// Address is where clients connect, HostKey what they know it by, as in authorized_keys.
	Address, HostKey string
	// User and Password are the one account.
	User, Password string
}

// StartSFTP starts one.
func (r *Rig) StartSFTP(folder string) (*SFTP, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, fmt.Errorf("making the host key: %w", err)
	}
	key, err := ssh.NewSignerFromSigner(private)
	if err != nil {
		return nil, fmt.Errorf("making the host key: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting SFTP: %w", err)
	}
	r.closers = append(r.closers, func() { _ = listener.Close() })
	s := &SFTP{
		Address: listener.Addr().String(), User: "genesys", Password: "sftp-secret",
		HostKey: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))),
	}
	config := &ssh.ServerConfig{PasswordCallback: s.admit}
	config.AddHostKey(key)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveSSH(conn, config, folder)
		}
	}()
	return s, nil
}

func (s *SFTP) admit(conn ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	if conn.User() != s.User || subtle.ConstantTimeCompare(password, []byte(s.Password)) == 0 {
		return nil, errors.New("wrong user or password")
	}
	return nil, nil
}

// serveSSH serves each session of a connection that asks for the subsystem.
func serveSSH(conn net.Conn, config *ssh.ServerConfig, folder string) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "sessions only")
			continue
		}
		channel, asked, err := offered.Accept()
		if err != nil {
			return
		}
		go serveSession(channel, asked, folder)
	}
}

func serveSession(channel ssh.Channel, asked <-chan *ssh.Request, folder string) {
	for request := range asked {
		ok := request.Type == "subsystem" && strings.HasSuffix(string(request.Payload), "sftp")
		_ = request.Reply(ok, nil)
		if !ok {
			continue
		}
		go func() {
			defer channel.Close()
			server, err := sftp.NewServer(channel, sftp.WithServerWorkingDirectory(folder))
			if err == nil {
				_ = server.Serve() // until the client goes
			}
		}()
	}
}
