package events

import "encoding/json"

// Course is a course that contacts enroll in.
type Course struct {
	ID          json.Number `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Object
}

// CourseEnrolled is the payload of contact.course.enrolled.
type CourseEnrolled struct {
	Course     Course  `json:"course"`
	Contact    Contact `json:"contact"`
	AccessType string  `json:"access_type"` // "full_access", …
	Object
}

// EventType returns "contact.course.enrolled".
func (CourseEnrolled) EventType() string { return "contact.course.enrolled" }

func (c CourseEnrolled) respondent() Respondent { return c.Contact.respondent() }

// CourseCompleted is the payload of contact.course.completed.
type CourseCompleted struct {
	Course     Course  `json:"course"`
	Contact    Contact `json:"contact"`
	EnrolledAt *Time   `json:"enrolled_at"`
	Object
}

// EventType returns "contact.course.completed".
func (CourseCompleted) EventType() string { return "contact.course.completed" }

func (c CourseCompleted) respondent() Respondent { return c.Contact.respondent() }

// CourseModule is a chapter of a course.
type CourseModule struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
	Object
}

// Lesson is one step of a course.
type Lesson struct {
	ID     json.Number   `json:"id"`
	Name   string        `json:"name"`
	Module *CourseModule `json:"module"` // nil: the course has none
	Object
}

// LessonCompleted is the payload of contact.lesson.completed.
type LessonCompleted struct {
	Lesson           Lesson      `json:"lesson"`
	Course           Course      `json:"course"`
	Contact          Contact     `json:"contact"`
	CompletedLessons json.Number `json:"completed_lessons"` // of the course, this one included
	TotalLessons     json.Number `json:"total_lessons"`     // of the course
	Object
}

// EventType returns "contact.lesson.completed".
func (LessonCompleted) EventType() string { return "contact.lesson.completed" }

func (l LessonCompleted) respondent() Respondent { return l.Contact.respondent() }

// CourseBundle is several courses sold as one.
type CourseBundle struct {
	ID   json.Number `json:"id"`
	Name string      `json:"name"`
	Object
}

// CourseBundleEnrolled is the payload of contact.course_bundle.enrolled.
type CourseBundleEnrolled struct {
	CourseBundle CourseBundle `json:"course_bundle"`
	Contact      Contact      `json:"contact"`
	AccessType   string       `json:"access_type"` // "full_access", …
	// FirstActiveCourse is null in every known example, so it is kept as JSON.
	FirstActiveCourse json.RawMessage `json:"first_active_course"`
	Object
}

// EventType returns "contact.course_bundle.enrolled".
func (CourseBundleEnrolled) EventType() string { return "contact.course_bundle.enrolled" }

func (c CourseBundleEnrolled) respondent() Respondent { return c.Contact.respondent() }
