package labels

import (
	"fmt"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store/sqlite"
	"github.com/tenterhook/tenterhook/unlisted"
)

var _ = fmt.Sprint(runs.Run{}, sqlite.DB{}, unlisted.Thing{})
