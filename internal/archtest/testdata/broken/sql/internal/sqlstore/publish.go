package sqlstore

const publish = "insert into runs values (?)"
