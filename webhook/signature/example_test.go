package signature_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
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

// A receiver that was written for GitHub's webhooks gets what it verifies, beside Standard Webhooks.
func ExampleSeal_Set() {
	secret, err := signature.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		panic(err)
	}
	seal, err := signature.NewSeal([]signature.Scheme{
		{Kind: signature.Standard},
		{Kind: signature.GitHub},
		{Kind: signature.Custom, Header: "X-Acme-Hmac-Sha256", Encoding: signature.Base64},
	}, secret)
	if err != nil {
		panic(err)
	}

	header := http.Header{}
	if err := seal.Set(header, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)); err != nil {
		panic(err)
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Printf("%s: %s\n", name, header.Get(name))
	}
	// Output:
	// Webhook-Id: msg_p5jXN8AQM9LWM0D4loKWxJek
	// Webhook-Signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=
	// Webhook-Timestamp: 1614265330
	// X-Acme-Hmac-Sha256: gOyKic480iEzoQZsrstNBP6nRnZXyFFNcX7ELDilyUw=
	// X-Hub-Signature-256: sha256=80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c
}

// A receiver believes what GitHub signs. GitHub signs no id.
func ExampleSchemeVerifier_Verify() {
	secret, err := signature.NewText("It's a Secret to Everybody")
	if err != nil {
		panic(err)
	}
	verifier, err := signature.NewSchemeVerifier([]signature.Scheme{{Kind: signature.GitHub}}, secret)
	if err != nil {
		panic(err)
	}
	header := http.Header{}
	header.Set("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	now := time.Unix(1614265331, 0) // time.Now() in a handler

	id, err := verifier.Verify(header, []byte("Hello, World!"), now)
	fmt.Printf("%q %v\n", id, err)
	_, err = verifier.Verify(header, []byte("Hello, world!"), now)
	fmt.Println(err)
	// Output:
	// "" <nil>
	// verify message: X-Hub-Signature-256: no signature matches; check the secret, and sign and verify the body's bytes as they are sent
}
