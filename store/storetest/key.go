package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tenterhook/tenterhook/store"
)

// SPEC I1, I6.
func keyClaims() []claim {
	return []claim{
		{"they are listed as they were added, oldest first, of that automation alone", keysListed},
		{"an automation that is not there has none", keysUnknown},
		{"every byte is kept", keysBytes},
		{"a hash or id that is there is a conflict, and nothing is added", keysConflict},
		{"of those who add one at once one wins", keysAtOnce},
		{"one for an automation that the account does not have is refused, and nothing is added", keysOwned},
		{"they go with their automation", keysDeleted},
		{"none is left of an automation that is deleted meanwhile", keysDeletedMeanwhile},
		{"a mark is noted at the store's time, and at no other key", keysMarked},
		{"an end only moves closer", keysEnd},
		{"a remembered test is replaced and forgotten", keysTest},
		{"marks of one call are noted in their order", keysMarksInOrder},
		{"marks of keys that the account does not have are ignored", keysMarksIgnored},
		{"they belong to the caller again", keysThenChanged},
	}
}

// key returns a new key of an id for the sample automation.
func key(id string) store.Key {
	hash := sha256.Sum256([]byte(id))
	return store.Key{ID: id, Account: account, Automation: lane, Name: "CRM " + id, Hint: "…" + id, Hash: hash[:]}
}

// keyOf returns a new key for an automation of an account.
func keyOf(account, automation, id string) store.Key {
	k := key(id)
	k.Account, k.Automation = account, automation
	return k
}

func (b *bed) putKeys(list ...store.Key) []store.Key {
	b.Helper()
	added, err := b.PutKeys(b.Context(), list)
	b.must("PutKeys", err)
	return added
}

func (b *bed) keysOf(account, automation string) []store.Key {
	b.Helper()
	list, err := b.Keys(b.Context(), account, automation)
	b.must("Keys", err)
	return list
}

// keysAre reports if the sample automation has other keys than these, which have ended exactly if the clock says so.
func (b *bed) keysAre(what string, want ...store.Key) {
	b.Helper()
	b.same("keys "+what, asOf(b.clock.read(), want), b.keysOf(account, lane))
}

// asOf returns keys as they are read at a time: no good any more from their end on.
func asOf(now time.Time, keys []store.Key) []store.Key {
	keys = slices.Clone(keys)
	for i := range keys {
		keys[i].Ended = !keys[i].EndsAt.IsZero() && !now.Before(keys[i].EndsAt)
	}
	return keys
}

func (b *bed) mark(marks ...store.KeyMark) {
	b.Helper()
	b.must("MarkKeys", b.MarkKeys(b.Context(), marks))
}

// keysRefused reports if these keys can be added, or if trying adds anything.
func (b *bed) keysRefused(what string, want error, list ...store.Key) {
	b.Helper()
	before := b.keysOf(account, lane)
	if got, err := b.PutKeys(b.Context(), list); !errors.Is(err, want) || len(got) > 0 {
		b.Errorf("PutKeys of %s gave %d keys and error %v, want %v", what, len(got), err, want)
	}
	b.keysAre("after one of "+what+" was refused", before...)
}

func keysListed(b *bed) {
	b.put(active(lane), active("auto_2"))
	want := []store.Key{key("key_c"), key("key_a"), keyOf(account, "auto_2", "key_x"), key("key_b")}
	want[1].EndsAt = begin.Add(time.Hour + 999*time.Nanosecond)
	want[3].UsedAt, want[3].TestedAt, want[3].Test, want[3].CreatedAt = begin, begin, []byte("x"), begin.Add(-time.Hour)
	added := b.putKeys(want...)
	for i := range want {
		want[i].CreatedAt, want[i].UsedAt, want[i].TestedAt, want[i].Test = begin, time.Time{}, time.Time{}, nil
	}
	want[1].EndsAt = begin.Add(time.Hour)
	b.same("keys as added", want, added)
	b.clock.move(time.Second)
	late := b.putKeys(key("key_0"))[0]
	b.same("when one that came later was created", begin.Add(time.Second), late.CreatedAt)
	b.keysAre("as listed", want[1], want[3], want[0], late)
	b.same("keys of another", want[2:3], b.keysOf(account, "auto_2"))
	b.putKeys()
}

func keysUnknown(b *bed) {
	b.put(active(lane))
	b.putKeys(key("key_a"))
	for _, of := range [][2]string{{account, "auto_none"}, {"acct_2", lane}, {"", lane}, {account, ""}, {account, lane + "\x00"}, {"\xff", lane}} {
		b.same(fmt.Sprintf("keys of %q of %q", of[1], of[0]), 0, len(b.keysOf(of[0], of[1])))
	}
}

func keysBytes(b *bed) {
	b.put(active(lane))
	k := key("key_a")
	k.Name, k.Hint, k.Hash = "Robert'); -- \x00 \" \\ \u2028 Ä \u202e", "\x00'", []byte("\x00\xff'\"\\x00")
	k.CreatedAt = begin
	b.putKeys(k)
	b.keysAre("as added", k)
	bare := store.Key{ID: "key_b", Account: account, Automation: lane, Hash: []byte{0}, CreatedAt: begin}
	b.putKeys(bare)
	k.Test, k.TestedAt = []byte("{\"a\":\"\x00\xff\xc3 \\u0000'\"}\n"), begin
	b.mark(store.KeyMark{Account: account, ID: k.ID, Test: k.Test})
	b.keysAre("as marked", k, bare)
}

func keysConflict(b *bed) {
	other := active("auto_2")
	other.Account = "acct_2"
	b.put(active(lane), other)
	b.putKeys(key("key_a"))
	b.keysRefused("an id that is there", store.ErrConflict, key("key_b"), keyOf("acct_2", "auto_2", "key_a"))
	same := key("key_c")
	same.Hash = key("key_a").Hash
	b.keysRefused("a hash that is there", store.ErrConflict, key("key_b"), same, key("key_d"))
	same = key("key_e")
	same.Hash = key("key_b").Hash
	b.keysRefused("one hash twice", store.ErrConflict, key("key_b"), same)
	b.keysRefused("one key twice", store.ErrConflict, key("key_b"), key("key_b"))
	b.same("keys of the other account", 0, len(b.keysOf("acct_2", "auto_2")))
	b.putKeys(key("key_b"))
}

func keysAtOnce(b *bed) {
	b.put(active(lane))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for n := range 20 {
		wg.Go(func() {
			list := []store.Key{key("key_a"), key("key_b"), key(fmt.Sprint("key_", n))}
			if n%2 == 0 {
				list[0], list[1] = list[1], list[0]
			}
			_, err := b.PutKeys(b.Context(), list)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrConflict) {
				b.Errorf("PutKeys beside others: %v, want store.ErrConflict", err)
			}
		})
	}
	wg.Wait()
	b.same("calls that won", 1, won)
	b.same("keys added", 3, len(b.keysOf(account, lane)))
}

func keysOwned(b *bed) {
	other := active("auto_2")
	other.Account = "acct_2"
	b.put(active(lane), other, active("auto_3"))
	b.must("Delete", b.Delete(b.Context(), account, []string{"auto_3"}))
	for what, k := range map[string]store.Key{
		"an unknown automation":            keyOf(account, "auto_none", "key_b"),
		"another account's automation":     keyOf(account, "auto_2", "key_b"),
		"an automation in another account": keyOf("acct_2", lane, "key_b"),
		"a deleted automation":             keyOf(account, "auto_3", "key_b"),
		"an impossible automation":         keyOf(account, lane+"\x00", "key_b"),
		"no automation":                    {},
	} {
		b.keysRefused(what, store.ErrNotFound, key("key_a"), k)
	}
}

func keysDeleted(b *bed) {
	b.put(active(lane), active("auto_2"))
	kept := b.putKeys(key("key_a"), key("key_b"), keyOf(account, "auto_2", "key_c"))[2]
	b.must("Delete", b.Delete(b.Context(), account, []string{lane}))
	b.keysAre("of a deleted automation")
	b.same("keys of another", []store.Key{kept}, b.keysOf(account, "auto_2"))
	b.mark(store.KeyMark{Account: account, ID: "key_a", Used: true, Test: []byte("late")})
	b.keysAre("of a deleted automation, marked late")
	b.putKeys(keyOf(account, "auto_2", "key_a")) // its hash and id are free
}

func keysDeletedMeanwhile(b *bed) {
	for round := range 10 {
		id := fmt.Sprint("auto_of_", round)
		b.put(active(id))
		var wg sync.WaitGroup
		for n := range 4 {
			wg.Go(func() {
				_, err := b.PutKeys(b.Context(), []store.Key{keyOf(account, id, fmt.Sprint("key_", round, "_", n))})
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					b.Errorf("PutKeys beside Delete: %v, want store.ErrNotFound", err)
				}
			})
		}
		wg.Go(func() { b.must("Delete", b.Delete(context.WithoutCancel(b.Context()), account, []string{id})) })
		wg.Wait()
		b.same("keys of an automation deleted meanwhile", 0, len(b.keysOf(account, id)))
	}
}

func keysMarked(b *bed) {
	b.put(active(lane))
	list := b.putKeys(key("key_a"), key("key_b"), key("key_c"))
	b.clock.move(time.Hour)
	b.mark(store.KeyMark{Account: account, ID: "key_b", Used: true}, store.KeyMark{Account: account, ID: "key_c", Test: []byte("{}")})
	list[1].UsedAt = begin.Add(time.Hour)
	list[2].TestedAt, list[2].Test = begin.Add(time.Hour), []byte("{}")
	b.keysAre("after marks", list...)
	b.clock.move(time.Hour)
	b.mark(store.KeyMark{Account: account, ID: "key_b", Used: true}, store.KeyMark{Account: account, ID: "key_a"})
	list[1].UsedAt = begin.Add(2 * time.Hour)
	b.keysAre("after one was used again", list...)
	b.mark()
}

func keysEnd(b *bed) {
	b.put(active(lane))
	list := b.putKeys(key("key_a"), key("key_b"))
	for _, step := range []struct{ after, want time.Duration }{
		{2 * time.Hour, 2 * time.Hour}, {3 * time.Hour, 2 * time.Hour}, {time.Hour, time.Hour}, {0, 0}, {0, 0}, {time.Hour, 0},
	} {
		b.mark(store.KeyMark{Account: account, ID: "key_a", End: &step.after}, store.KeyMark{Account: account, ID: "key_b", Used: true})
		list[0].EndsAt, list[1].UsedAt = begin.Add(step.want), b.clock.read()
		b.keysAre(fmt.Sprintf("after an end in %v", step.after), list...)
	}
	b.clock.move(time.Hour)
	now := time.Duration(0)
	b.mark(store.KeyMark{Account: account, ID: "key_a", End: &now}, store.KeyMark{Account: account, ID: "key_b", End: &now})
	list[1].EndsAt = begin.Add(time.Hour)
	b.keysAre("after both were ended", list...)
	past := key("key_c")
	past.EndsAt = begin
	b.same("a key added after its end", true, b.putKeys(past)[0].Ended)
}

func keysTest(b *bed) {
	b.put(active(lane))
	k := b.putKeys(key("key_a"))[0]
	for i, test := range []string{"first", "second, and longer", "3", "", "", "fourth"} {
		b.clock.move(time.Minute)
		b.mark(store.KeyMark{Account: account, ID: k.ID, Test: []byte(test)})
		k.Test, k.TestedAt = []byte(test), b.clock.read()
		if test == "" {
			k.TestedAt = time.Time{}
		}
		b.keysAre(fmt.Sprintf("after test %d", i), k)
	}
}

func keysMarksInOrder(b *bed) {
	b.put(active(lane))
	list := b.putKeys(key("key_a"), key("key_b"), key("key_c"))
	hour, minute := time.Hour, time.Minute
	b.mark(
		store.KeyMark{Account: account, ID: "key_a", End: &hour, Test: []byte("a")},
		store.KeyMark{Account: account, ID: "key_b", Test: []byte{}},
		store.KeyMark{Account: account, ID: "key_a", End: &minute, Test: []byte{}},
		store.KeyMark{Account: account, ID: "key_b", Used: true, Test: []byte("b")},
		store.KeyMark{Account: account, ID: "key_a", End: &hour, Used: true},
		store.KeyMark{Account: account, ID: "key_b"},
	)
	list[0].EndsAt, list[0].UsedAt = begin.Add(minute), begin
	list[1].UsedAt, list[1].TestedAt, list[1].Test = begin, begin, []byte("b")
	b.keysAre("after marks of one call", list...)
}

func keysMarksIgnored(b *bed) {
	other := active("auto_2")
	other.Account = "acct_2"
	b.put(active(lane), other)
	own := b.putKeys(key("key_a"), keyOf("acct_2", "auto_2", "key_b"))
	now := time.Duration(0)
	for _, of := range [][2]string{{account, "key_b"}, {"acct_2", "key_a"}, {"", "key_a"}, {account, ""}, {account, "key_none"}, {account, "key_a\x00"}, {"\xff", "key_a"}} {
		b.mark(store.KeyMark{Account: of[0], ID: of[1], Used: true, End: &now, Test: []byte("x")})
	}
	b.keysAre("after marks of others", own[0])
	b.same("keys of the other account", own[1:], b.keysOf("acct_2", "auto_2"))
	b.mark(store.KeyMark{Account: account, ID: "key_none", Used: true}, store.KeyMark{Account: account, ID: "key_a", Used: true})
	own[0].UsedAt = begin
	b.keysAre("after a mark beside one of an unknown key", own[0])
}

func keysThenChanged(b *bed) {
	b.put(active(lane))
	given, test := key("key_a"), []byte("kept")
	added := b.putKeys(given)
	want := key("key_a")
	want.CreatedAt, want.TestedAt, want.Test = begin, begin, []byte("kept")
	b.mark(store.KeyMark{Account: account, ID: "key_a", Test: test})
	read := b.keysOf(account, lane)[0]
	for _, bytes := range [][]byte{given.Hash, test, added[0].Hash, read.Hash, read.Test} {
		bytes[0] ^= 0xff
	}
	b.keysAre("after the caller changed what it gave and got", want)
}
