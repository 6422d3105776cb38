package events

import "embed"

// samples has one file for each standard type, named after it, and one for each
// further shape of a type.
//
//go:embed samples/*.json
var samples embed.FS

// standardTypes are the standard types without schema and samples. Nobody changes them.
var standardTypes = []Type{
	{Prototype: OptinCompleted{}, Description: "A contact opted in, on a funnel step or on a blog page."},
	{Prototype: SaleCompleted{}, Description: "A customer bought something."},
	{Prototype: TagAdded{}, Description: "A contact was given a tag."},
	{Prototype: TagRemoved{}, Description: "A contact lost a tag."},
	{Prototype: WebinarRegistered{}, Description: "A contact registered for a webinar."},
	{Prototype: CourseEnrolled{}, Description: "A contact was enrolled in a course."},
	{Prototype: CourseBundleEnrolled{}, Description: "A contact was enrolled in a bundle of courses."},
	{Prototype: CampaignFinished{}, Description: "A contact got the last e-mail of a campaign."},
	{Prototype: PageVisited{}, Description: "A contact visited a page of a funnel."},
	{Prototype: EmailLinkClicked{}, Description: "A contact clicked a link in an e-mail."},
	{Prototype: SaleCanceled{}, Description: "A sale was canceled."},
	{Prototype: SubscriptionPaymentFailed{}, Description: "A payment for a subscription failed."},
	{Prototype: ContactCreated{}, Description: "A contact was created."},
	{Prototype: EmailOpened{}, Description: "A contact opened an e-mail."},
	{Prototype: CourseCompleted{}, Description: "A contact completed a course."},
	{Prototype: LessonCompleted{}, Description: "A contact completed a lesson of a course."},
	{Prototype: CommunityJoined{}, Description: "A contact joined a community."},
	{Prototype: MeetingBooked{}, Description: "A contact booked a meeting."},
	{Prototype: SurveyResponseCompleted{}, Description: "A respondent completed a survey."},
}

// otherShapes returns the files of a type's samples besides the one named after it.
func otherShapes(name string) []string {
	switch name {
	case OptinCompleted{}.EventType():
		return []string{"contact.optin.completed.blog"}
	case surveyType:
		return []string{"survey.response.completed.anonymous"}
	}
	return nil
}

// Standard returns a new catalogue of the standard types, to which a host can
// add its own.
func Standard() *Catalogue {
	c := &Catalogue{entries: map[string]entry{}}
	for _, t := range standardTypes {
		t = t.described()
		c.entries[t.Name] = newEntry(t)
	}
	return c
}

// standardType finds a standard type for decoding: without schema and samples.
func standardType(name string) (Type, bool) {
	for _, t := range standardTypes {
		if t.Prototype.EventType() == name {
			return t, true
		}
	}
	return Type{}, false
}

func standardEntry(name string) (entry, bool) {
	t, ok := standardType(name)
	if !ok {
		return entry{}, false
	}
	return newEntry(t.described()), true
}

// described fills in the name, schema and samples of a standard type. What it
// leaves empty on an error fails the tests of this package.
func (t Type) described() Type {
	t.Name = t.Prototype.EventType()
	t.Schema, _ = deriveSchema(t)
	t.Sample = sample(t.Name)
	for _, file := range otherShapes(t.Name) {
		t.OtherSamples = append(t.OtherSamples, sample(file))
	}
	return t
}

func sample(file string) []byte {
	b, _ := samples.ReadFile("samples/" + file + ".json")
	return b
}
