package runs

import "os"

var _ = os.Getenv
