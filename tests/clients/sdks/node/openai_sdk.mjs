// The official `openai` package for JavaScript, one case a run. Reads the case as JSON from
// its first argument and prints what the application would have seen as JSON.
import OpenAI from "openai";

const { name, origin, key, model, prompt } = JSON.parse(process.argv[2]);
const statuses = [];
const client = new OpenAI({
  baseURL: `${origin}/v1`,
  apiKey: key,
  fetch: async (url, options) => {
    const response = await fetch(url, options);
    statuses.push([response.status, response.headers.get("retry-after-ms"), performance.now()]);
    return response;
  },
});
const messages = [{ role: "user", content: prompt }];
const tools = [
  { type: "function", function: { name: "look", parameters: { type: "object", properties: {} } } },
];

const cases = {
  models: async () => ({
    ids: (await client.models.list()).data.map((item) => item.id),
    one: (await client.models.retrieve("gpt-4")).id,
  }),
  chat: async () => client.chat.completions.create({ model, messages, max_tokens: 5 }),
  stream: async () => {
    const chunks = [];
    const options = { include_usage: true };
    const asked = { model, messages, stream: true, stream_options: options };
    for await (const chunk of await client.chat.completions.create(asked)) chunks.push(chunk);
    return chunks;
  },
  tools: async () => {
    const runner = client.chat.completions.stream({ model, messages, tools });
    return runner.finalChatCompletion();
  },
  completions: async () => client.completions.create({ model, prompt: [prompt, prompt], n: 2 }),
  completionsStream: async () => {
    const chunks = [];
    const asked = { model, prompt, max_tokens: 3, stream: true };
    for await (const chunk of await client.completions.create(asked)) chunks.push(chunk);
    return chunks;
  },
  embeddings: async () => {
    const base = { model: "text-embedding-3-small", input: ["a", "b"] };
    const usual = await client.embeddings.create(base);
    const plain = await client.embeddings.create({ ...base, encoding_format: "float" });
    return [usual.data[1].embedding, plain.data[1].embedding];
  },
  responses: async () => {
    const runner = client.responses.stream({ model, input: prompt });
    const kinds = [];
    for await (const event of runner) kinds.push(event.type);
    return { kinds, final: await runner.finalResponse() };
  },
};

try {
  const answer = await cases[name]();
  console.log(JSON.stringify({ answer, requestId: answer._request_id ?? null, statuses }));
} catch (error) {
  const { status, code, type, param, requestID, message } = error;
  const seen = { name: error.constructor.name, status, code, type, param, requestID, message };
  console.log(JSON.stringify({ error: seen, statuses }));
}
