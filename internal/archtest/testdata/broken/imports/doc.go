package tenterhook

import "github.com/tenterhook/tenterhook/events"

var _ = events.New
