package bench

import (
	"context"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/tenterhook/tenterhook/internal/need"
)

const riverWorkers = 1000

// push is a job of River's that posts a message.
type push struct {
	ID   string `json:"id"`
	Body []byte `json:"body"`
}

func (push) Kind() string { return "push" }

type pusher struct {
	river.WorkerDefaults[push]
	*sender
}

func (p *pusher) Work(ctx context.Context, job *river.Job[push]) error {
	return p.send(ctx, job.Args.ID, job.Args.Body)
}

// benchmarkRiver has the same publishers insert a job each, until all are completed. Its workers and its wait between fetches are
// those with which it was fastest here, not its defaults.
func benchmarkRiver(b *testing.B) {
	url := need.Receiver(b)
	pool := newPool(b, 32)
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := migrator.Migrate(b.Context(), rivermigrate.DirectionUp, nil); err != nil {
		b.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &pusher{sender: newSender(b, url)})
	client, err := river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: riverWorkers}}, Workers: workers,
		FetchCooldown: time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
	})
	if err != nil {
		b.Fatal(err)
	}
	completed, cancel := client.SubscribeConfig(&river.SubscribeConfig{ChanSize: b.N + 1, Kinds: []river.EventKind{river.EventKindJobCompleted}})
	defer cancel()
	if err := client.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = client.Stop(context.Background()) }()
	job := push{ID: "run_00000000000000000000000000", Body: message(b)}
	m := start(b, pool)
	work(b, b.N, publishers, func() error {
		_, err := client.Insert(b.Context(), job, nil)
		return err
	})
	for range b.N {
		<-completed
	}
	m.stop(b.N, "deliveries")
}
