# Reads mails as Python's email package does: one JSON string of a mail a line, one JSON object a line in answer.
import base64, email, email.policy, json, sys

for line in sys.stdin:
    mail = email.message_from_bytes(base64.b64decode(json.loads(line)), policy=email.policy.SMTP)
    addresses = lambda name: [[a.display_name, a.addr_spec] for h in mail.get_all(name, []) for a in h.addresses]
    print(json.dumps({
        "names": sorted(name.lower() for name in mail.keys()),
        "subject": str(mail["Subject"]), "id": str(mail["Message-ID"]),
        "to": addresses("To"), "from": addresses("From"),
        "parts": [[part.get_content_type(), part.get_content()] for part in mail.walk() if not part.is_multipart()],
        "kind": mail.get_content_type(),
        "defects": [repr(d) for part in mail.walk() for d in part.defects] + [repr(d) for h in mail.values() for d in h.defects],
    }))
