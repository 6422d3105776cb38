package route

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"github.com/tenterhook/tenterhook/runs"
	"github.com/tenterhook/tenterhook/store"
)

const cursorSum = 8 // bytes of the hash that a cursor carries, as one of package store does

// pack returns the text that resumes the list of f below these sequence numbers of the shards; 0 is the end of one's.
func pack(f runs.Filter, below []int64) string {
	var b []byte
	for _, seq := range below {
		b = binary.BigEndian.AppendUint64(b, uint64(seq))
	}
	doc, _ := json.Marshal(f) // plain values cannot fail
	sum := sha256.Sum256(append(doc, b...))
	return base64.RawURLEncoding.EncodeToString(append(b, sum[:cursorSum]...))
}

// resume returns the sequence numbers that a cursor of f stands for, or [store.ErrCursor]. The empty one stands for the newest.
func resume(f runs.Filter, cursor string, shards int) ([]int64, error) {
	below := make([]int64, shards)
	if cursor == "" {
		for i := range below {
			below[i] = math.MaxInt64
		}
		return below, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != 8*shards+cursorSum {
		return nil, fmt.Errorf("list runs: %w: it is cut or altered, or of another number of shards: begin again without one", store.ErrCursor)
	}
	for i := range below {
		below[i] = int64(binary.BigEndian.Uint64(b[8*i:]))
	}
	if pack(f, below) != cursor {
		return nil, fmt.Errorf("list runs: %w: it was altered or comes from another filter: begin again without one", store.ErrCursor)
	}
	return below, nil
}

// own returns a shard's own cursor.
func own(f runs.Filter, below int64) string {
	if below == math.MaxInt64 {
		return ""
	}
	return store.Cursor(f, below)
}
