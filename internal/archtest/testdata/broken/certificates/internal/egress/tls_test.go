package egress

import "crypto/tls"

func loosen(config *tls.Config) { config.InsecureSkipVerify = true }

// InsecureSkipVerify in a comment is fine, and so is "InsecureSkipVerify" in a text.
const text = "InsecureSkipVerify"
