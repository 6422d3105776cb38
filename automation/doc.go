// Package automation says what an account wants done when something happens: trigger, conditions and actions, how they
// are checked when saved, and the pure functions that turn what happens into runs: [Plan] an event, [Automation.Take] a request
// with data, [Automation.PlanCall] the call of a URL webhook.
//
// # Fields of requests
//
// An incoming automation declares the fields that it takes. Their values are kept as they are, converted where nothing has to be
// guessed, or refused with their place and name; what is declared nowhere is ignored. [Incoming.Schema] is the same table as a
// JSON Schema. Of JSON data, a field of each type takes:
//
//	            text            number        boolean       date     email    list
//	string      itself          if a number   true, false   if one   if one   –
//	number      its digits      itself        –             –        –        –
//	boolean     "true"/"false"  –             itself        –        –        –
//	null        absent          absent        absent        absent   absent   absent
//	array       –               –             –             –        –        itself
//	object      –               –             –             –        –        –
//	absent      absent          absent        absent        absent   absent   absent
//
// and of the parameters of a form or query, which are texts:
//
//	            text            number        boolean       date     email    list
//	one         itself          if a number   true, false   if one   if one   of one text
//	one, empty  itself          absent        absent        absent   absent   absent
//	several     –               –             –             –        –        of those texts
//	none        absent          absent        absent        absent   absent   absent
//
// A dash is a refusal. A string is a number if it is spelt as JSON spells one (RFC 8259 section 6), without spaces around it;
// numbers keep all their digits. It is a boolean if it is exactly "true" or "false". It is a date if it is a full-date or date-time
// of RFC 3339 (section 5.6, T and Z in capitals, no leap second), and an e-mail address if it is one unquoted address of ASCII
// characters at a host that has a name. Items of a list, up to [MaxItems],
// are strings, numbers and booleans, each kept as it is. No text holds
// U+0000. A required field is refused where the table says absent, and where it is an empty text or list.
//
// In JSON a field's name is a path: "guest.email" is the member email of the member guest, "stays.0.from" the member from of the
// first item of stays, up to item [MaxIndex], or of the member "0" where stays is an object. What is missing on the way, null or
// beyond the end of a list, makes the field absent; anything else that holds no members is refused. In a form or query the name is
// the parameter's whole name.
package automation
