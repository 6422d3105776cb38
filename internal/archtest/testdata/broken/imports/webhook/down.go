package webhook

import (
	"github.com/tenterhook/tenterhook/internal/need"
	"github.com/tenterhook/tenterhook/store"
	"github.com/tenterhook/tenterhook/webhook/signature"
)

var _ = need.Program(store.Name, signature.Name)
