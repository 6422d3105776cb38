package labels

// Kind says what a variable stands for, and so whether it can have a label.
type Kind string

const (
	// Question is a survey question.
	Question Kind = "question"
	// Background is a background variable: known about a respondent before any answer.
	Background Kind = "background"
	// Option is a response option of a question; it never has a label of its own.
	Option Kind = "option"
	// Field is a path of a payload that is not a survey's, as "contact.email";
	// it has an automatic label only.
	Field Kind = "field"
)

// Variable is one thing that can be sent under a label. ID is the host's stable
// id, distinct from every other in the survey; a Field's ID is its path, with
// dots. Name is the text that people see, and may be empty; it never decides a
// label, since people edit it.
type Variable struct {
	ID   string
	Kind Kind
	Name string
}

// editable reports whether a variable of this kind can have a data label.
func (k Kind) editable() bool { return k == Question || k == Background }

// labelled reports whether a variable of this kind has an automatic label.
func (k Kind) labelled() bool { return k.editable() || k == Field }
