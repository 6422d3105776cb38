package events

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

func (s *structure) append(dst []byte, v reflect.Value) ([]byte, error) {
	if s.completes {
		v = reflect.ValueOf(v.Addr().Interface().(completer).complete()).Elem()
	}
	o := v.Field(s.object).Addr().Interface().(*Object)
	dst = append(dst, '{')
	open := len(dst)
	for i := range s.fields {
		f := &s.fields[i]
		fv := v.Field(f.index)
		how := formValue
		if isZero(fv) {
			how = o.zeroForm(i, f)
		}
		if how == formLeftOut {
			continue
		}
		dst = append(separate(dst, open), f.prefix...)
		var err error
		switch how {
		case formNull:
			dst = append(dst, "null"...)
		case formBraces:
			dst = append(dst, "{}"...)
		default:
			dst, err = f.codec.append(dst, fv)
		}
		if err != nil {
			return nil, within(f.key, err)
		}
	}
	dst, err := s.appendExtra(dst, open, o.Extra)
	return append(dst, '}'), err
}

func (s *structure) appendExtra(dst []byte, open int, extra map[string]json.RawMessage) ([]byte, error) {
	if len(extra) == 0 {
		return dst, nil
	}
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		if _, known := s.byKey[key]; known {
			return nil, within(key, problem("is an extra key with the name of a field; set the field"))
		}
		dst = append(appendString(separate(dst, open), key), ':')
		var err error
		if dst, err = appendCompact(dst, extra[key]); err != nil {
			return nil, within(key, err)
		}
	}
	return dst, nil
}

// separate adds the comma that a member needs unless it is the first after open.
func separate(dst []byte, open int) []byte {
	if len(dst) == open {
		return dst
	}
	return append(dst, ',')
}

// isZero is reflect's, but for empty slices and maps, which are zero here.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

func (s *structure) read(b []byte, v reflect.Value) error {
	if b[0] != '{' {
		return mismatch(b, "an object")
	}
	o := v.Field(s.object).Addr().Interface().(*Object)
	*o = Object{decoded: true, absent: s.all}
	for quoted, value := range members(b) {
		key, err := unquote(quoted)
		if err != nil {
			return problem("has a key that escapes half of a surrogate pair")
		}
		i, known := s.byKey[key]
		if known {
			err = s.readField(i, value, v)
		} else {
			err = o.keep(key, value)
		}
		if err != nil {
			return within(key, err)
		}
	}
	return nil
}

func (s *structure) readField(i int, value []byte, v reflect.Value) error {
	f := &s.fields[i]
	o := v.Field(s.object).Addr().Interface().(*Object)
	bit := uint64(1) << i
	if o.absent&bit == 0 {
		return errTwice
	}
	o.absent &^= bit
	if _, object := f.codec.(*structure); isNull(value) && !object {
		o.null |= bit
		return nil
	}
	fv := v.Field(f.index)
	if err := f.codec.read(value, fv); err != nil {
		return err
	}
	if fv.Kind() == reflect.Map && fv.Len() == 0 && value[0] == '{' {
		o.braces |= bit
	}
	return nil
}

var errTwice = problem("occurs twice in its object")

// keep adds an unknown key.
func (o *Object) keep(key string, value []byte) error {
	if _, twice := o.Extra[key]; twice {
		return errTwice
	}
	if o.Extra == nil {
		o.Extra = map[string]json.RawMessage{}
	}
	o.Extra[key] = bytes.Clone(value)
	return nil
}
