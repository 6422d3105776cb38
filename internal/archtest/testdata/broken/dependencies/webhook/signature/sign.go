package signature

import (
	_ "crypto/hmac"

	_ "golang.org/x/text/unicode/norm"
)
