package automation

import "crypto/rand"

func impure() string { return rand.Text() }
