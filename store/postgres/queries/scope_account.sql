r.account = $1
