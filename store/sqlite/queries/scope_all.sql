r.seq > 0
