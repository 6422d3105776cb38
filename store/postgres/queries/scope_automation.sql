r.automation = $2
