package runs

import (
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	clock "time"
)

func impure(u *url.URL) clock.Time {
	go net.Dial("tcp", u.Host)
	clock.Sleep(rand.N(clock.Second))
	os.Exit(1)
	return clock.Now()
}

func fine(at clock.Time) clock.Time { return at.Add(clock.Second) }
