// Signs messages as senders' own libraries do. Usage: node senders.mjs FOLDER, where FOLDER holds node_modules.
// Reads one JSON object a line, {secret, id, body}, and answers each with a line {sender: {header: value}}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const require = createRequire(folder + "/");
const { webhooks } = new (require("stripe"))("sk_test_unused");
const { Webhook } = require("standardwebhooks");
// The package has no entry for require.
const octokit = await import(pathToFileURL(join(folder, "node_modules/@octokit/webhooks-methods/dist-node/index.js")));

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { secret, id, body } = JSON.parse(line);
  const now = new Date();
  console.log(JSON.stringify({
    stripe: { "Stripe-Signature": webhooks.generateTestHeaderString({ payload: body, secret }) },
    github: { "X-Hub-Signature-256": await octokit.sign(secret, body), "X-GitHub-Delivery": id },
    standard: {
      "webhook-id": id,
      "webhook-timestamp": Math.floor(now.getTime() / 1000).toString(),
      "webhook-signature": new Webhook(secret).sign(id, now, body),
    },
  }));
}
