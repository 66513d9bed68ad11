package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Small messages only (RFC 6455, 5.2): the length stands in the second byte.
const (
	payloadBytes = 32
	maskedBytes  = 6 + payloadBytes
	plainBytes   = 2 + payloadBytes
	finalBinary  = 0x82
	maskedBit    = 0x80
)

// speaker is a WebSocket client that sends a message and waits for its echo.
type speaker struct {
	connection net.Conn
	reader     *bufio.Reader
	request    []byte
	wanted     []byte
	answer     []byte
}

func newSpeaker(s settings) (func() (actor, error), error) {
	payload := bytes.Repeat([]byte{'m'}, payloadBytes)
	mask := []byte{0x5a, 0xa5, 0x3c, 0xc3}
	request := append([]byte{finalBinary, maskedBit | payloadBytes}, mask...)
	for i, each := range payload {
		request = append(request, each^mask[i%4])
	}
	wanted := append([]byte{finalBinary, payloadBytes}, payload...)
	return func() (actor, error) {
		connection, reader, err := upgrade(s)
		if err != nil {
			return nil, err
		}
		return &speaker{connection, reader, request, wanted, make([]byte, plainBytes)}, nil
	}, nil
}

func upgrade(s settings) (net.Conn, *bufio.Reader, error) {
	connection, err := net.Dial("tcp", s.address)
	if err != nil {
		return nil, nil, err
	}
	if err := connection.SetDeadline(time.Now().Add(s.duration + patience)); err != nil {
		return nil, nil, err
	}
	head := "GET /echo HTTP/1.1\r\nHost: " + s.host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + sampleKey + "\r\n\r\n"
	if _, err := io.WriteString(connection, head); err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("upgrade: %w", err)
	}
	if accept := response.Header.Get("Sec-WebSocket-Accept"); response.StatusCode != 101 || accept != acceptOf(sampleKey) {
		return nil, nil, fmt.Errorf("upgrade: 101 is wanted, got %s, Sec-WebSocket-Accept %q", response.Status, accept)
	}
	return connection, reader, nil
}

func (s *speaker) act() error {
	if _, err := s.connection.Write(s.request); err != nil {
		return err
	}
	if _, err := io.ReadFull(s.reader, s.answer); err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	if !bytes.Equal(s.answer, s.wanted) {
		return fmt.Errorf("echo: not what was sent: %x", s.answer)
	}
	return nil
}

func (s *speaker) close() { s.connection.Close() }

// echo is the application: it sends each message back, until it is ended.
func echo(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			// Whoever goes away has ended its connection; the client says when that was wrong.
			_ = serveEcho(connection)
		}()
	}
}

func serveEcho(connection net.Conn) error {
	reader := bufio.NewReader(connection)
	request, err := http.ReadRequest(reader)
	if err != nil {
		return err
	}
	if !strings.EqualFold(request.Header.Get("Upgrade"), "websocket") {
		_, err := io.WriteString(connection, "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return err
	}
	head := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Accept: " + acceptOf(request.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"
	if _, err := io.WriteString(connection, head); err != nil {
		return err
	}
	frame := make([]byte, maskedBytes)
	answer := make([]byte, plainBytes)
	answer[0], answer[1] = finalBinary, payloadBytes
	for {
		if _, err := io.ReadFull(reader, frame); err != nil {
			return err
		}
		if header := binary.BigEndian.Uint16(frame); header != finalBinary<<8|maskedBit|payloadBytes {
			return fmt.Errorf("a message of %d bytes is wanted, got %x", payloadBytes, header)
		}
		for i := range answer[2:] {
			answer[2+i] = frame[6+i] ^ frame[2+i%4]
		}
		if _, err := connection.Write(answer); err != nil {
			return err
		}
	}
}
