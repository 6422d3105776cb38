package storetest

import (
	"bytes"
	"math/rand/v2"
	"time"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

func messageClaims() []claim {
	return []claim{
		{"bytes come back as they were", messageBytes},
		{"runs of one call can share one", messageShared},
		{"it is there although the run that shares it existed before", messageSharedWithDuplicate},
		{"of two slices with one beginning each is whole", messageSlices},
		{"it outlives the run that it was created with", messageOutlivesOwner},
		{"a list leaves it out", func(b *bed) {
			b.publish(entry("run_a"))
			b.same("message in a list", 0, len(b.list(runs.Filter{}, 10)[0].Message))
		}},
	}
}

// messageIs reports if the message of a run is not these bytes.
func (b *bed) messageIs(r runs.Run, want []byte) {
	b.Helper()
	if !bytes.Equal(r.Message, want) {
		b.Errorf("message of %s has %d bytes (%.40q…), want %d (%.40q…)", r.ID, len(r.Message), r.Message, len(want), want)
	}
}

func messageBytes(b *bed) {
	random := rand.NewChaCha8([32]byte{4})
	large := make([]byte, 1<<20)
	random.Read(large)
	messages := map[string][]byte{
		"run_nil": nil, "run_empty": {}, "run_nul": {0}, "run_nuls": []byte("\x00a\x00\x00"), "run_binary": {0xff, 0xfe, 0x80, 0xc3},
		"run_json": []byte("{ \"b\":1e308, \"a\":12345678901234567890, \"a\":\"\\u0000\u2028\" }\n"), "run_large": large,
		"run_text": []byte("'quoted' \\x00 ?1 $1"),
	}
	var list []store.Entry
	for id, message := range messages {
		e := entry(id)
		e.Run.Message = message
		list = append(list, e)
	}
	for _, r := range b.publish(list...) {
		b.messageIs(r, messages[r.ID])
		b.messageIs(b.get(r.ID), messages[r.ID])
	}
	got := b.claim(len(messages))
	b.same("runs claimed", len(messages), len(got))
	for _, r := range got {
		b.messageIs(r, messages[r.ID])
	}
}

// sharing returns runs of these ids with the very same bytes for a message.
func sharing(message []byte, ids ...string) []store.Entry {
	list := entries(ids...)
	for i := range list {
		list[i].Run.Message = message
	}
	return list
}

func messageShared(b *bed) {
	one, two := []byte("message one"), []byte("message two")
	b.publish(append(sharing(one, "run_a", "run_b"), sharing(two, "run_c", "run_d")...)...)
	b.publish(sharing(one, "run_e")...)
	want := map[string][]byte{"run_a": one, "run_b": one, "run_c": two, "run_d": two, "run_e": one}
	for _, r := range b.gets("all", "run_a", "run_b", "run_c", "run_d", "run_e") {
		b.messageIs(r, want[r.ID])
		b.messageIs(b.get(r.ID), want[r.ID])
	}
}

func messageSharedWithDuplicate(b *bed) {
	b.publish(entry("run_a"))
	message := []byte("shared with one that exists")
	b.same("ids created", []string{"run_b", "run_c"}, idsOf(b.publish(sharing(message, "run_a", "run_b", "run_c")...)))
	b.messageIs(b.get("run_a"), entry("run_a").Run.Message)
	b.messageIs(b.get("run_b"), message)
	b.messageIs(b.get("run_c"), message)
}

func messageSlices(b *bed) {
	long := []byte("long and longer")
	list := entries("run_a", "run_b", "run_c")
	list[0].Run.Message, list[1].Run.Message, list[2].Run.Message = long[:4], long, long[5:]
	b.publish(list...)
	for _, e := range list {
		b.messageIs(b.get(e.Run.ID), e.Run.Message)
	}
}

func messageOutlivesOwner(b *bed) {
	message := []byte("shared by three")
	b.publish(sharing(message, "run_a", "run_b", "run_c")...)
	got := b.claim(3)
	b.settle(0, succeeded(got[0]), failed(got[1]))
	b.clock.move(time.Hour)
	b.prune(2, time.Minute, 10)
	b.messageIs(b.get("run_c"), message)
	b.publish(entry("run_d"))
	late := b.gets("the one whose lease has passed, and a new one", "run_c", "run_d")
	b.messageIs(late[0], message)
	b.messageIs(late[1], entry("run_d").Run.Message)
	b.settle(0, each(late, failed)...)
	b.clock.move(time.Hour)
	b.prune(2, time.Minute, 10)
	b.publish(sharing(message, "run_a")...)
	b.messageIs(b.get("run_a"), message)
}
