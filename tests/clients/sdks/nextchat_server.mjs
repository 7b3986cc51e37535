// What NextChat's server does with a request, by its source: the path after /api/openai goes to
// BASE_URL without the query, with three headers, and a redirect is not followed.
// Run as: node nextchat_server.mjs BASE_URL KEY – prints its port.
import http from "node:http";
import { Readable } from "node:stream";

const [base, key] = process.argv.slice(2);
const PREFIX = "/api/openai/";
const ALLOWED = [
  "v1/chat/completions",
  "v1/models",
  "dashboard/billing/usage",
  "dashboard/billing/subscription",
];

async function forward(request, response) {
  const path = new URL(request.url, "http://here").pathname.slice(PREFIX.length);
  if (!ALLOWED.includes(path)) {
    response.writeHead(403, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: true, msg: `you are not allowed to request ${path}` }));
    return;
  }
  const body = request.method === "POST" ? Readable.toWeb(request) : undefined;
  const answer = await fetch(`${base}/${path}`, {
    method: request.method,
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
      Authorization: `Bearer ${key}`,
    },
    body,
    redirect: "manual",
    duplex: "half",
  });
  const headers = Object.fromEntries(answer.headers);
  delete headers["www-authenticate"];
  delete headers["content-encoding"];
  delete headers["transfer-encoding"];
  delete headers["content-length"];
  response.writeHead(answer.status, { ...headers, "X-Accel-Buffering": "no" });
  response.flushHeaders();
  for await (const piece of answer.body ?? []) response.write(piece);
  response.end();
}

const server = http.createServer((request, response) => {
  forward(request, response).catch((error) => {
    response.writeHead(500);
    response.end(String(error));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
