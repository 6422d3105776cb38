package need

import "github.com/tenterhook/tenterhook/store/sqlite"

var _ = sqlite.Open
