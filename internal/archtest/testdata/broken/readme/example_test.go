package tenterhook_test

func Example() {
	// README begins
	d := webhook.NewDispatcher()
	d.Publish(event)
	// README ends
	// Output:
}
