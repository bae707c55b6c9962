/** The request of the playground as a program would send it. */

export type Language = 'curl' | 'Node' | 'Python';
export const languages: readonly Language[] = ['curl', 'Node', 'Python'];

export const requestCode = (language: Language, url: string, body: unknown): string => {
  if (language === 'curl') return curl(url, body);
  return language === 'Node' ? node(url, body) : python(url, body);
};

const curl = (url: string, body: unknown): string =>
  [
    `curl -s ${shellQuote(url)} \\`,
    `  -H "Authorization: Bearer $CLEARMAAS_API_KEY" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${shellQuote(JSON.stringify(body, null, 2))}`,
  ].join('\n');

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const node = (url: string, body: unknown): string =>
  `const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: {
    authorization: \`Bearer \${process.env.CLEARMAAS_API_KEY}\`,
    'content-type': 'application/json',
  },
  body: JSON.stringify(${indented(JSON.stringify(body, null, 2), '  ')}),
});
console.log(response.status, await response.json());`;

const python = (url: string, body: unknown): string =>
  `import json, os, urllib.request

request = urllib.request.Request(
    ${JSON.stringify(url)},
    headers={
        "Authorization": f"Bearer {os.environ['CLEARMAAS_API_KEY']}",
        "Content-Type": "application/json",
    },
    data=json.dumps(${indented(pythonLiteral(body), '    ')}).encode(),
)
with urllib.request.urlopen(request) as response:
    print(json.load(response))`;

const indented = (text: string, by: string): string => text.replaceAll('\n', `\n${by}`);

const pythonLiteral = (value: unknown, depth = 1): string => {
  if (value === true) return 'True';
  if (value === false) return 'False';
  if (value === null) return 'None';
  if (typeof value !== 'object') return JSON.stringify(value);
  const pad = '    '.repeat(depth);
  const lines = Array.isArray(value)
    ? value.map((each) => `${pad}${pythonLiteral(each, depth + 1)},`)
    : Object.entries(value).map(
        ([name, each]) => `${pad}${JSON.stringify(name)}: ${pythonLiteral(each, depth + 1)},`,
      );
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join('\n')}\n${'    '.repeat(depth - 1)}${close}`;
};

/** Pictures are left out where the code is shown; they would be all that one sees. */
export const withoutPictures = (text: string): string =>
  text.replace(/(data:[\w/+.-]+;base64,)[A-Za-z0-9+/=]{40,}/g, '$1…');
