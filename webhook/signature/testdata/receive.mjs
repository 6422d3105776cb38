// Verifies messages as a receiver in JavaScript would. Usage: node receive.mjs FOLDER, where FOLDER holds node_modules.
// Reads one JSON object a line, {secret, headers, body}, and answers each with a line {library: whether it accepts the message}.
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const load = createRequire(process.argv[2] + "/");
const libraries = { standardwebhooks: load("standardwebhooks").Webhook, svix: load("svix").Webhook };

function accepts(Webhook, { secret, headers, body }) {
  const webhook = new Webhook(secret);
  try {
    webhook.verify(body, headers);
    return true;
  } catch (error) {
    // Once a signature matches, the libraries parse the body, and some refuse the empty one.
    if (error instanceof SyntaxError && body === "") return true;
    if (error.constructor.name === "WebhookVerificationError") return false;
    throw error;
  }
}

// The libraries know no Ed25519, Node does.
function acceptsEd25519({ secret, headers, body }) {
  const x = Buffer.from(secret.slice("whpk_".length), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
  return headers["webhook-signature"]
    .split(" ")
    .map((entry) => entry.split(","))
    .some(([version, signature]) => version === "v1a" && verify(null, signed, key, Buffer.from(signature, "base64")));
}

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const message = JSON.parse(line);
  const verdicts = message.secret.startsWith("whpk_")
    ? { node: acceptsEd25519(message) }
    : Object.fromEntries(Object.entries(libraries).map(([name, Webhook]) => [name, accepts(Webhook, message)]));
  console.log(JSON.stringify(verdicts));
}
