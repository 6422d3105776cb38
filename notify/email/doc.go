// Package email sends mail over SMTP: [Sender] one message, [Inviter] the invitations of automations (SPEC I5).
//
// Each mail has a connection of its own, which is encrypted unless the host says otherwise. An answer of the server that
// trying again cannot change (5xx to the recipient or the message) wraps [automation.ErrRefused]; all else that goes wrong
// may go well later. A mail whose acceptance did not come through is sent again under the same Message-ID. Errors hold what
// the server's answer means, not its text, which tends to name people; nothing is logged.
package email
