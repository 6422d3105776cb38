package labels

import "github.com/tenterhook/tenterhook/store/memory"

var _ = memory.New
