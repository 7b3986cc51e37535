// The official `@anthropic-ai/sdk` package, one case a run. Reads the case as JSON from its
// first argument and prints what the application would have seen as JSON.
import Anthropic from "@anthropic-ai/sdk";

const { name, origin, key, model, prompt } = JSON.parse(process.argv[2]);
const statuses = [];
const client = new Anthropic({
  baseURL: origin,
  apiKey: key,
  fetch: async (url, options) => {
    const response = await fetch(url, options);
    statuses.push([response.status, response.headers.get("retry-after-ms"), performance.now()]);
    return response;
  },
});
const messages = [{ role: "user", content: prompt }];
const tools = [{ name: "look", description: "Looks", input_schema: { type: "object" } }];

const cases = {
  models: async () => {
    const found = [];
    for await (const item of client.models.list()) found.push(item);
    return { found, one: await client.models.retrieve("claude-2") };
  },
  messages: async () => client.messages.create({ model, messages, max_tokens: 5 }),
  stream: async () => {
    const runner = client.messages.stream({ model, messages, tools, max_tokens: 90 });
    const texts = [];
    runner.on("text", (text) => texts.push(text));
    return { final: await runner.finalMessage(), texts };
  },
  beta: async () =>
    client.beta.messages.create({
      model,
      messages,
      max_tokens: 2000,
      betas: ["interleaved-thinking-2025-05-14"],
      thinking: { type: "enabled", budget_tokens: 1500 },
    }),
  thread: async () => {
    const thread = client.beta.messages.thread({
      model,
      messages,
      max_tokens: 90,
      unsupportedRequestBehavior: "continue_unthreaded",
    });
    const first = await thread.send();
    const second = await thread.send({ role: "user", content: "again" });
    const third = await thread.stream({ role: "user", content: "once more" }).finalMessage();
    return { replies: [first, second, third], turns: thread.messages.length };
  },
  threadOnly: async () => client.beta.messages.thread({ model, messages, max_tokens: 9 }).send(),
  count: async () => client.messages.countTokens({ model, messages }),
};

try {
  const answer = await cases[name]();
  console.log(JSON.stringify({ answer, requestId: answer._request_id ?? null, statuses }));
} catch (error) {
  const { status, requestID, message, type } = error;
  const seen = { name: error.constructor.name, status, requestID, message, type };
  console.log(JSON.stringify({ error: { ...seen, body: error.error ?? null }, statuses }));
}
