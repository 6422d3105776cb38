// Package signature signs and verifies webhook messages as Standard Webhooks 1.0 describes.
//
// A sender keeps a [Signer] and sends its result in the webhook-signature header, beside webhook-id and
// webhook-timestamp. A receiver keeps a [Verifier] and hands it the request's headers and the unparsed body.
// Both take several secrets, so that one can be replaced by another while messages are on their way.
//
// Receivers that verify other schemes already are served by a [Seal], which puts the headers of one or several [Scheme] values
// on a message, beside Standard Webhooks or in its place. A [SchemeVerifier] verifies what such senders sign.
//
// The package is stricter than the specification where leniency helps only an attacker: ids have no full stop, timestamps
// have one spelling, keys have a minimum size, base64 has one form, and a header has one value. Whatever it does not know it
// refuses or, for the versions of signatures still to come, ignores.
//
// It needs only the standard library, reads no clock and draws no random bytes: the caller passes the time and the key.
package signature
