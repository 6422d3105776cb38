r.id = ANY($9)
