package signature_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"

	"github.com/tenterhook/tenterhook/webhook/signature"
)

func ExampleSigner_Sign() {
	secret, err := signature.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		panic(err)
	}
	signer, err := signature.NewSigner(secret)
	if err != nil {
		panic(err)
	}

	id, at, body := "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), `{"test": 2432232314}`
	signatures, err := signer.Sign(id, at, []byte(body))
	if err != nil {
		panic(err)
	}
	request := httptest.NewRequest(http.MethodPost, "https://receiver.example/hook", strings.NewReader(body))
	request.Header.Set(signature.HeaderID, id)
	request.Header.Set(signature.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	request.Header.Set(signature.HeaderSignature, signatures)

	fmt.Println(secret)
	fmt.Println(signatures)
	// Output:
	// ***
	// v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
}

func ExampleVerifier_Verify() {
	secret, err := signature.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		panic(err)
	}
	verifier, err := signature.NewVerifier(secret)
	if err != nil {
		panic(err)
	}

	header := http.Header{}
	header.Set(signature.HeaderID, "msg_p5jXN8AQM9LWM0D4loKWxJek")
	header.Set(signature.HeaderTimestamp, "1614265330")
	header.Set(signature.HeaderSignature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	now := time.Unix(1614265331, 0) // time.Now() in a handler

	fmt.Println(verifier.Verify(header, []byte(`{"test": 2432232314}`), now))
	fmt.Println(verifier.Verify(header, []byte(`{"test": 2432232315}`), now))
	// Output:
	// <nil>
	// verify message: no signature matches; check the secret, and sign and verify the body's bytes as they are sent
}
