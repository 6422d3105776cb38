// Verifies messages as receivers of other senders' webhooks would. Usage: node schemes.mjs FOLDER, where FOLDER holds node_modules.
// Reads one JSON object a line, {secret, headers, body}, headers' names in lower case, and answers each with a line
// {verifier: whether it accepts the message}: stripe and octokit are libraries, x_webhook and base64 Node's own crypto.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { webhooks } = new (createRequire(folder + "/")("stripe"))("sk_test_unused");
// The package has no entry for require.
const octokit = await import(pathToFileURL(join(folder, "node_modules/@octokit/webhooks-methods/dist-node/index.js")));

function stripe({ secret, headers, body }) {
  try {
    webhooks.constructEvent(body, headers["stripe-signature"], secret);
    return true;
  } catch (error) {
    if (error.type === "StripeSignatureVerificationError") return false;
    throw error;
  }
}

const hmac = (secret, text, encoding) => createHmac("sha256", secret).update(text).digest(encoding);

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const message = JSON.parse(line);
  const { secret, headers, body } = message;
  const verdicts = {
    stripe: stripe(message),
    octokit: await octokit.verify(secret, body, headers["x-hub-signature-256"]),
  };
  if ("x-webhook-signature" in headers)
    verdicts.x_webhook = headers["x-webhook-signature"] === hmac(secret, `${headers["x-webhook-timestamp"]}.${body}`, "hex");
  if ("x-acme-hmac" in headers)
    verdicts.base64 = headers["x-acme-hmac"] === hmac(secret, body, "base64");
  console.log(JSON.stringify(verdicts));
}
