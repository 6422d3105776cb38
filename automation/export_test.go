package automation

// RefusedBySchema returns where the schema of the fields refuses a request, for comparison with what Take does.
func RefusedBySchema(in Incoming, r Request) ([]string, error) {
	got := in.receive(r)
	cut := split
	if got.form {
		cut = flat
	}
	s, err := compileSchema(in.schema(cut))
	if err != nil {
		return nil, err
	}
	return refusedAt(s.Validate(got.data)), nil
}
