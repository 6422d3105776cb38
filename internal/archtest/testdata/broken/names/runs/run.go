package runs

type models struct{}
