package nested

import "github.com/tenterhook/tenterhook/unlisted"

var _ = unlisted.Thing
