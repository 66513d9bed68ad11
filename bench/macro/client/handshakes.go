package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"time"
)

// A peer that leaves a connection without a word is an error, not a wait.
const patience = 10 * time.Second

// handshaker makes one connection after the other; `session` is what all of them resume, nil for full handshakes.
type handshaker struct {
	address string
	config  *tls.Config
	session *tls.ClientSessionState
}

// tickets stands for a cache of sessions: one for each connection, which hears of its ticket by it.
type tickets struct {
	offered  *tls.ClientSessionState
	received *tls.ClientSessionState
	onTicket func()
}

func (t *tickets) Get(string) (*tls.ClientSessionState, bool) {
	return t.offered, t.offered != nil
}

func (t *tickets) Put(_ string, session *tls.ClientSessionState) {
	if session != nil {
		t.received = session
		t.onTicket()
	}
}

// A ticket may be used for many connections: nobody here sends early data.
func newHandshaker(s settings) (func() (actor, error), error) {
	config := &tls.Config{
		ServerName: s.serverName,
		// The certificate is self-signed. The signature of the handshake is checked all the same.
		InsecureSkipVerify: true,
		// The first is what is used; TLS 1.2 wants to hear of the curve of the certificate too.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256},
		NextProtos:       []string{"http/1.1"},
		MinVersion:       tls.VersionTLS13,
		MaxVersion:       tls.VersionTLS13,
	}
	if s.tls12 {
		config.MinVersion, config.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
	}
	one := &handshaker{address: s.address, config: config}
	if s.resumes {
		session, err := one.shake()
		if err != nil {
			return nil, err
		}
		one.session = session
	}
	return func() (actor, error) { return one, nil }, nil
}

func (h *handshaker) act() error {
	_, err := h.shake()
	return err
}

// shake connects, shakes hands, waits for a ticket, says that nothing follows, and waits for the end: then the server has
// done all of its part. It returns the session. A session that is resumed may get no new ticket: there none is waited for.
func (h *handshaker) shake() (*tls.ClientSessionState, error) {
	raw, err := net.Dial("tcp", h.address)
	if err != nil {
		return nil, err
	}
	defer raw.Close()
	if err := raw.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	config := h.config.Clone()
	connection := tls.Client(raw, config)
	isShaken := false
	cache := &tickets{offered: h.session, onTicket: func() {
		if isShaken {
			// An error shows when the end of the connection is read.
			_ = connection.CloseWrite()
		}
	}}
	config.ClientSessionCache = cache
	if err := connection.Handshake(); err != nil {
		return nil, fmt.Errorf("handshake: %w", err)
	}
	state := connection.ConnectionState()
	if wanted := h.session != nil; state.DidResume != wanted {
		return nil, fmt.Errorf("resumed: %t is wanted, got %t", wanted, state.DidResume)
	}
	isShaken = true
	if state.Version == tls.VersionTLS12 || h.session != nil {
		if err := connection.CloseWrite(); err != nil {
			return nil, fmt.Errorf("close_notify: %w", err)
		}
	}
	if _, err := io.Copy(io.Discard, connection); err != nil {
		return nil, fmt.Errorf("end of the connection: %w", err)
	}
	if cache.received == nil && h.session == nil {
		return nil, fmt.Errorf("%s gave out no session ticket", h.address)
	}
	return cache.received, nil
}

func (h *handshaker) close() {}
