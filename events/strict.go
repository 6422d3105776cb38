package events

// CheckJSON returns nil if b is one JSON text (RFC 8259) that every reader understands alike, else a [*DecodeError]: it is
// UTF-8 without a byte order mark, nests at most 100 levels deep, has no key twice in an object, and escapes no half of a
// surrogate pair (RFC 7493, sections 2.1 and 2.3).
func CheckJSON(b []byte) error {
	if err := check(b); err != nil {
		return asDecodeError(err)
	}
	_, err := strict(b, skipTo(b, 0))
	return asDecodeError(err)
}

// strict looks through the value that begins at i of JSON that passed check, once, and returns where it ends.
func strict(b []byte, i int) (end int, err error) {
	switch b[i] {
	case '{':
		return strictObject(b, i)
	case '[':
		return strictArray(b, i)
	case '"':
		end = stringEnd(b, i)
		if hasLoneSurrogate(b[i:end]) {
			return end, problem("escapes half of a surrogate pair")
		}
		return end, nil
	}
	return literalEnd(b, i), nil
}

func strictObject(b []byte, i int) (end int, err error) {
	seen := map[string]bool{}
	for i = skipTo(b, i+1); b[i] != '}'; i = skipTo(b, i) {
		end = stringEnd(b, i)
		key, err := unquote(b[i:end])
		if err != nil {
			return end, problem("has a key that escapes half of a surrogate pair")
		}
		if seen[key] {
			return end, within(key, errTwice)
		}
		seen[key] = true
		if i, err = strict(b, skipTo(b, end)); err != nil {
			return i, within(key, err)
		}
	}
	return i + 1, nil
}

func strictArray(b []byte, i int) (end int, err error) {
	i = skipTo(b, i+1)
	for n := 0; b[i] != ']'; n++ {
		if i, err = strict(b, i); err != nil {
			return i, withinElement(n, err)
		}
		i = skipTo(b, i)
	}
	return i + 1, nil
}
