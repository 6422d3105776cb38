package events

// Respondent is the person an event is about, as far as it tells, for display and
// search.
type Respondent struct {
	ID        string
	Email     string
	FirstName string
	LastName  string
	// Anonymous: the survey promised anonymity; all else is empty.
	Anonymous bool
}

// Respondent returns the person e is about: who answered a survey, the contact of
// an event that has one, else the customer. Of a type of the host's own that is
// an object contact (id, email, fields.first_name and fields.surname) or customer
// (contact_id in the place of id): runs are searched by what is found there.
func (e Event) Respondent() Respondent {
	if e.isSurvey() {
		return e.surveyRespondent()
	}
	if p, ok := e.Data.(personal); ok && typeOf(p) != "" {
		return p.respondent()
	}
	data, err := e.EncodeData()
	if err != nil || check(data) != nil {
		return Respondent{}
	}
	if contact, ok := member(trim(data), "contact"); ok {
		return person(contact, "id")
	}
	customer, _ := member(trim(data), "customer")
	return person(customer, "contact_id")
}

// personal is a payload that tells whom it is about; any other is encoded to find out.
type personal interface {
	Payload
	respondent() Respondent
}

func (c Contact) respondent() Respondent {
	return Respondent{
		ID: c.ID.String(), Email: c.Email,
		FirstName: c.Fields.Text("first_name"), LastName: c.Fields.Text("surname"),
	}
}

func (c Customer) respondent() Respondent {
	return Respondent{
		ID: c.ContactID.String(), Email: c.Email,
		FirstName: c.Fields.Text("first_name"), LastName: c.Fields.Text("surname"),
	}
}

func (e Event) surveyRespondent() Respondent {
	s, ok := e.survey()
	if !ok || s.Survey.Anonymous {
		return Respondent{Anonymous: true}
	}
	if s.Respondent == nil {
		return Respondent{}
	}
	r := s.Respondent
	return Respondent{ID: r.ID, Email: r.Email, FirstName: r.FirstName, LastName: r.LastName}
}

// person reads a contact's object; idKey is where its id is.
func person(object []byte, idKey string) Respondent {
	text := func(path string) string {
		value, ok := Find(object, path)
		if !ok || value[0] == '{' || value[0] == '[' {
			return ""
		}
		return textOf(value)
	}
	return Respondent{
		ID:        text(idKey),
		Email:     text("email"),
		FirstName: text("fields.first_name"),
		LastName:  text("fields.surname"),
	}
}

// SurveyID returns the id of the survey that e is a response to, "" if it is none.
func (e Event) SurveyID() string {
	s, ok := e.survey()
	if !ok {
		return ""
	}
	return s.Survey.ID
}

func (e Event) isSurvey() bool {
	return e.Type == surveyType || typeOf(e.Data) == surveyType
}

// survey returns the response that e carries; ok is false for other events and for
// raw data that is not a response.
func (e Event) survey() (s *SurveyResponseCompleted, ok bool) {
	switch data := e.Data.(type) {
	case SurveyResponseCompleted:
		return &data, true
	case *SurveyResponseCompleted:
		return data, data != nil
	case Raw:
		s = new(SurveyResponseCompleted)
		return s, e.isSurvey() && Unmarshal(data.JSON, s) == nil
	}
	return nil, false
}
