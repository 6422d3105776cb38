r.automation = ?2
