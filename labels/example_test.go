package labels_test

import (
	"errors"
	"fmt"

	"github.com/tenterhook/tenterhook/labels"
)

func ExampleAutomatic() {
	fmt.Println(labels.Automatic(labels.Variable{ID: "12", Kind: labels.Question, Name: "How old are you?"}))
	fmt.Println(labels.Automatic(labels.Variable{ID: "segment", Kind: labels.Background}))
	fmt.Println(labels.Automatic(labels.Variable{ID: "contact.email", Kind: labels.Field}))
	// Output:
	// q_12
	// b_segment
	// contact__email
}

func ExampleCheck() {
	fmt.Println(labels.Check("ålder_2"))
	fmt.Println(labels.Check("net income"))
	// Output:
	// <nil>
	// label "net income" has " ", which is no letter, digit or underscore: remove or replace it
}

func ExampleNewSet() {
	vars := []labels.Variable{
		{ID: "12", Kind: labels.Question, Name: "How old are you?"},
		{ID: "segment", Kind: labels.Background, Name: "Segment"},
	}
	set := labels.NewSet(vars, map[string]string{"12": "age"})
	for _, v := range vars {
		label, _ := set.Data(v.ID)
		fmt.Println(v.ID, label)
	}
	// Output:
	// 12 age
	// segment b_segment
}

func ExampleSet_Edit() {
	set := labels.NewSet([]labels.Variable{
		{ID: "12", Kind: labels.Question},
		{ID: "13", Kind: labels.Question},
	}, map[string]string{"12": "age"})

	_, err := set.Edit(map[string]string{"12": "", "13": "AGE"})
	var violations labels.Errors
	if errors.As(err, &violations) {
		for _, v := range violations {
			fmt.Println(v.Variable, v.Rule)
		}
	}

	set, err = set.Edit(map[string]string{"12": "years", "13": "age"})
	fmt.Println(set.Stored(), err)
	// Output:
	// 12 empty
	// map[12:years 13:age] <nil>
}

func ExampleSet_Copy() {
	original := labels.NewSet([]labels.Variable{{ID: "12", Kind: labels.Question}}, map[string]string{"12": "age"})
	template := original.Copy(map[string]string{"12": "112"}, []labels.Variable{{ID: "112", Kind: labels.Question}})
	label, _ := template.Data("112")
	fmt.Println(label)
	// Output:
	// age
}
