// Signs messages as other senders' own libraries do. Usage: node sign.mjs FOLDER, where FOLDER holds node_modules.
// Reads one JSON object a line, {secret, body}, and answers each with a line {header: value}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { webhooks } = new (createRequire(folder + "/")("stripe"))("sk_test_unused");
// The package has no entry for require.
const octokit = await import(pathToFileURL(join(folder, "node_modules/@octokit/webhooks-methods/dist-node/index.js")));

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { secret, body } = JSON.parse(line);
  const headers = {
    "Stripe-Signature": webhooks.generateTestHeaderString({ payload: body, secret }),
    "X-Hub-Signature-256": await octokit.sign(secret, body),
  };
  console.log(JSON.stringify(headers));
}
