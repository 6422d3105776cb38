package sqlite

const count = "SELECT count(*) FROM runs"
