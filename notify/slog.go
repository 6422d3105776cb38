package notify

import (
	"context"
	"log/slog"
)

// Slog returns a Notifier that writes notices to a log.
func Slog(log *slog.Logger) Notifier { return logged{log} }

type logged struct{ log *slog.Logger }

// Notify writes one line a notice: a recovery at level Info, all else at Warn.
func (l logged) Notify(ctx context.Context, notices []Notice) error {
	for _, n := range notices {
		level := slog.LevelWarn
		if n.Kind == Recovered {
			level = slog.LevelInfo
		}
		l.log.LogAttrs(ctx, level, "automation changed",
			slog.String("kind", string(n.Kind)), slog.String("account", n.Account), slog.String("automation", n.Automation),
			slog.String("run", n.Run), slog.Time("at", n.At), slog.String("reason", string(n.Reason)),
			slog.Int("status_code", n.StatusCode), slog.String("class", string(n.Class)))
	}
	return nil
}
