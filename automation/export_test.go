package automation

// RefusedBySchema returns where the schema of the fields refuses a request, for comparison with what Take does.
func (t *Taker) RefusedBySchema(r Request) ([]string, error) {
	got := t.automation.Trigger.Incoming.receive(r)
	compiled := t.data
	if got.form {
		compiled = t.form
	}
	s, err := compiled()
	if err != nil {
		return nil, err
	}
	return refusedAt(s.Validate(got.data)), nil
}
