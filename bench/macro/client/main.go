// The load that wrk and h2load cannot make: TLS handshakes and WebSocket messages, and the application that echoes the latter.
// Standard library only. What was counted is printed as one line of JSON, times in microseconds; any error ends the run.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"
)

// settings are the words of the command line; each command reads those that it needs.
type settings struct {
	address     string
	serverName  string
	host        string
	connections int
	duration    time.Duration
	tls12       bool
	resumes     bool
}

type result struct {
	Requests   int   `json:"requests"`
	DurationUs int64 `json:"durationUs"`
	P50Us      int64 `json:"p50Us"`
	P99Us      int64 `json:"p99Us"`
}

// actor is one connection after the other, or one that stays: each call is one thing that is counted.
type actor interface {
	act() error
	close()
}

func main() {
	var s settings
	words := flag.NewFlagSet("client", flag.ExitOnError)
	words.StringVar(&s.address, "address", "", "address and port to connect to, or to listen on")
	words.StringVar(&s.serverName, "server-name", "localhost", "handshakes: the name that is asked for (SNI)")
	words.StringVar(&s.host, "host", "localhost", "websocket: Host of the upgrade")
	words.IntVar(&s.connections, "connections", 32, "how many at the same time")
	words.DurationVar(&s.duration, "duration", time.Second, "how long")
	words.BoolVar(&s.tls12, "tls12", false, "handshakes: TLS 1.2 instead of 1.3")
	words.BoolVar(&s.resumes, "resume", false, "handshakes: resume a session by its ticket")
	if len(os.Args) < 2 {
		fail(fmt.Errorf("handshakes, websocket or echo is wanted"))
	}
	_ = words.Parse(os.Args[2:])
	var err error
	switch os.Args[1] {
	case "handshakes":
		err = measure(s, newHandshaker)
	case "websocket":
		err = measure(s, newSpeaker)
	case "echo":
		err = echo(s.address)
	default:
		err = fmt.Errorf("%q: handshakes, websocket or echo is wanted", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// measure lets all actors act until the time is over. What is under way then is finished, and counted with its time.
func measure(s settings, start func(settings) (func() (actor, error), error)) error {
	newActor, err := start(s)
	if err != nil {
		return err
	}
	actors := make([]actor, s.connections)
	for i := range actors {
		if actors[i], err = newActor(); err != nil {
			return err
		}
		defer actors[i].close()
	}
	latencies := make([][]int64, s.connections)
	errs := make([]error, s.connections)
	var group sync.WaitGroup
	started := time.Now()
	for i := range actors {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			latencies[i], errs[i] = actUntil(started.Add(s.duration), actors[i])
		}(i)
	}
	group.Wait()
	elapsed := time.Since(started)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return report(latencies, elapsed)
}

func actUntil(end time.Time, one actor) ([]int64, error) {
	var latencies []int64
	for before := time.Now(); before.Before(end); {
		if err := one.act(); err != nil {
			return nil, err
		}
		after := time.Now()
		latencies = append(latencies, after.Sub(before).Microseconds())
		before = after
	}
	return latencies, nil
}

func report(latencies [][]int64, elapsed time.Duration) error {
	var all []int64
	for _, each := range latencies {
		all = append(all, each...)
	}
	if len(all) == 0 {
		return fmt.Errorf("nothing was done")
	}
	sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
	line, err := json.Marshal(result{
		Requests:   len(all),
		DurationUs: elapsed.Microseconds(),
		P50Us:      all[len(all)/2],
		P99Us:      all[len(all)*99/100],
	})
	if err != nil {
		return err
	}
	fmt.Printf("RESULT %s\n", line)
	return nil
}
