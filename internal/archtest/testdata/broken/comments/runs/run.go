// Package runs is documented.
package runs

type Run struct{ ID string }

// Attempt is documented.
type Attempt struct{}

func (a Attempt) Silent() {}

func (a *Attempt) SilentToo() {}

// Spoken is documented.
func (a Attempt) Spoken() {}

type hidden struct{}

func (hidden) Method() {}

func Plan() {}

func plan() {}

const Days = 14

// Both are documented by their group.
const (
	Hours   = 24
	Minutes = 60
)

const (
	Seconds = 60 // of a minute
	// Millis is documented.
	Millis = 1000
	Micros = 1000
)

type (
	// One is documented.
	One struct{}
	Two struct{}
)

var First, second = 1, 2
