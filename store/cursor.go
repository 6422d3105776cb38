package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/tenterhook/tenterhook/runs"
)

const cursorSum = 8 // bytes of the filter's and position's hash that a cursor carries

// Cursor returns the text that resumes the list of f below the run with this sequence number.
//
// It is bound to f by a hash, so that one altered, cut or used with another filter is refused rather than answered with a
// wrong page. It is no secret and grants nothing: the filter alone says what a caller sees.
func Cursor(f runs.Filter, seq int64) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(seq))
	return base64.RawURLEncoding.EncodeToString(append(b, cursorHash(f, seq)...))
}

// Resume returns the sequence number that a cursor of f stands for, or ErrCursor. The empty cursor stands for the newest.
func Resume(f runs.Filter, cursor string) (int64, error) {
	if cursor == "" {
		return 1<<63 - 1, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) != 8+cursorSum {
		return 0, fmt.Errorf("%w: it is cut or altered: begin again without one", ErrCursor)
	}
	seq := int64(binary.BigEndian.Uint64(b))
	if Cursor(f, seq) != cursor {
		return 0, fmt.Errorf("%w: it was altered or comes from another filter: begin again without one", ErrCursor)
	}
	return seq, nil
}

func cursorHash(f runs.Filter, seq int64) []byte {
	doc, _ := json.Marshal(f) // plain values cannot fail
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(doc, uint64(seq)))
	return sum[:cursorSum]
}
