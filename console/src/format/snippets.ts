// One call of the API as code to paste: cURL, Python, JavaScript. A text of the body never
// ends a quotation of the language that it is put into.

export interface Snippet {
  id: 'curl' | 'python' | 'javascript';
  label: string;
  code: string;
}

export interface ApiCall {
  /** The site's `api_url`, without `/v1`. */
  apiUrl: string;
  /** Below `/v1`, such as `/chat/completions`. */
  path: string;
  key: string;
  body: Record<string, unknown>;
}

export function snippetsOf(call: ApiCall): Snippet[] {
  return [
    { id: 'curl', label: 'cURL', code: curl(call) },
    { id: 'python', label: 'Python', code: python(call) },
    { id: 'javascript', label: 'JavaScript', code: javascript(call) },
  ];
}

/** The smallest useful call, for a new key. */
export function firstCall(apiUrl: string, key: string, model: string, text: string): ApiCall {
  return {
    apiUrl,
    key,
    path: '/chat/completions',
    body: { model, messages: [{ role: 'user', content: text }] },
  };
}

function curl({ apiUrl, path, key, body }: ApiCall): string {
  const quoted = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  return [
    `curl ${apiUrl}/v1${path} \\`,
    `  -H "Authorization: Bearer ${key}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '${quoted}'`,
  ].join('\n');
}

function python({ apiUrl, path, key, body }: ApiCall): string {
  const isStreamed = body.stream === true;
  const lines = [
    'import requests',
    '',
    'response = requests.post(',
    `    "${apiUrl}/v1${path}",`,
    `    headers={"Authorization": "Bearer ${key}"},`,
    `    json=${pythonLiteral(body, '    ')},`,
    ...(isStreamed ? ['    stream=True,'] : []),
    '    timeout=120,',
    ')',
  ];
  const reading = isStreamed
    ? ['for line in response.iter_lines(decode_unicode=True):', '    print(line)']
    : ['print(response.json())'];
  return [...lines, ...reading].join('\n');
}

function javascript({ apiUrl, path, key, body }: ApiCall): string {
  const reading =
    body.stream === true
      ? [
          'for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {',
          '  console.log(piece);',
          '}',
        ]
      : ['console.log(await response.json());'];
  return [
    `const response = await fetch("${apiUrl}/v1${path}", {`,
    '  method: "POST",',
    '  headers: {',
    `    Authorization: "Bearer ${key}",`,
    '    "Content-Type": "application/json",',
    '  },',
    `  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll('\n', '\n  ')}),`,
    '});',
    ...reading,
  ].join('\n');
}

/** JSON is Python but for three words. */
function pythonLiteral(value: unknown, indent: string): string {
  const inner = `${indent}    `;
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) {
    const items = value.map((item) => `${inner}${pythonLiteral(item, inner)},\n`);
    return items.length > 0 ? `[\n${items.join('')}${indent}]` : '[]';
  }
  if (typeof value === 'object') {
    const items = Object.entries(value).map(
      ([name, item]) => `${inner}${JSON.stringify(name)}: ${pythonLiteral(item, inner)},\n`,
    );
    return `{\n${items.join('')}${indent}}`;
  }
  return JSON.stringify(value);
}
