package runs

func TestRun() {}
