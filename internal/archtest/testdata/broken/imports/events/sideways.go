package events

import (
	"github.com/tenterhook/tenterhook/labels"
	"github.com/tenterhook/tenterhook/runs"
)

var _ = labels.Check(runs.Name)
