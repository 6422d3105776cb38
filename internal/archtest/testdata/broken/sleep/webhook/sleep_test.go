package webhook

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAsleep(t *testing.T) {
	time.Sleep(time.Second)
	both()
}

func TestInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		inBubble()
		both()
	})
	synctest.Test(t, bubble)
	time.Sleep(time.Minute)
}

func bubble(t *testing.T) { deeper() }

func deeper() { time.Sleep(time.Hour) }

func inBubble() { time.Sleep(time.Hour) }

func both() { time.Sleep(time.Hour) }

func unused() { time.Sleep(time.Hour) }
