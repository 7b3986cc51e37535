// What an application needs to use a key: lines to paste, or a link that it opens by itself.
// Links carry the key; they are made only while a new key is shown.

export interface App {
  id: string;
  name: string;
  /** Lines for a terminal or a file; the comment above them says which. */
  code?: string;
  /** An address that the application on this machine, or the operator's own copy, opens. */
  link?: string;
}

export interface AppInput {
  apiUrl: string;
  key: string;
  model: string;
  nextChatUrl: string | null;
}

export function appsFor({ apiUrl, key, model, nextChatUrl }: AppInput): App[] {
  const base = `${apiUrl}/v1`;
  const cherry = btoa(JSON.stringify({ id: 'new-api', baseUrl: apiUrl, apiKey: key }));
  const nextChat = encodeURIComponent(JSON.stringify({ key, url: apiUrl }));
  return [
    {
      id: 'claude-code',
      name: 'Claude Code',
      code: `export ANTHROPIC_BASE_URL=${apiUrl}\nexport ANTHROPIC_AUTH_TOKEN=${key}\nclaude --model ${model}`,
    },
    {
      id: 'codex',
      name: 'Codex',
      code: [
        '# ~/.codex/config.toml',
        `model = "${model}"`,
        'model_provider = "gateway"',
        '[model_providers.gateway]',
        'name = "gateway"',
        `base_url = "${base}"`,
        'env_key = "GATEWAY_KEY"',
        'wire_api = "responses"',
        `# export GATEWAY_KEY=${key}`,
      ].join('\n'),
    },
    {
      id: 'gemini-cli',
      name: 'Gemini CLI',
      code: `export GOOGLE_GEMINI_BASE_URL=${apiUrl}\nexport GEMINI_API_KEY=${key}\ngemini -m ${model}`,
    },
    {
      id: 'cline',
      name: 'Cline',
      code: `cline auth -p openai -k ${key} -b ${base} -m ${model}`,
    },
    {
      id: 'aider',
      name: 'aider',
      code: `export OPENAI_API_BASE=${base}\nexport OPENAI_API_KEY=${key}\naider --model openai/${model}`,
    },
    {
      id: 'open-webui',
      name: 'Open WebUI',
      code: `export OPENAI_API_BASE_URL=${base}\nexport OPENAI_API_KEY=${key}\nopen-webui serve`,
    },
    {
      id: 'lobechat',
      name: 'LobeChat',
      code: `OPENAI_PROXY_URL=${base}\nOPENAI_API_KEY=${key}`,
    },
    {
      id: 'cherry-studio',
      name: 'Cherry Studio',
      link: `cherrystudio://providers/api-keys?v=1&data=${encodeURIComponent(cherry)}`,
      code: `API: ${apiUrl}\nKey: ${key}`,
    },
    {
      id: 'nextchat',
      name: 'NextChat',
      ...(nextChatUrl
        ? { link: `${nextChatUrl.replace(/\/+$/, '')}/#/?settings=${nextChat}` }
        : { code: `BASE_URL=${apiUrl}\nOPENAI_API_KEY=${key}` }),
    },
  ];
}
