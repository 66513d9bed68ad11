package main

import (
	"crypto/sha1"
	"encoding/base64"
)

// Any 16 bytes will do: the measure is not about them.
const sampleKey = "c2FsbHlwb3J0IGJlbmNoIQ=="

// acceptOf answers a Sec-WebSocket-Key (RFC 6455, 4.2.2).
func acceptOf(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
