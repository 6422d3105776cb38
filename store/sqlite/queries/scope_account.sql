r.account = ?1
