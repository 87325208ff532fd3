/** Lines for a shell that call an operation, with `$API_URL`, `$TOKEN` and what else it needs as variables. */
import type { JsonSchema, OpenApiDocument, Operation, Parameter } from './openapi-document.ts';
import { nameOf } from './openapi-document.ts';

const variable = (name: string): string =>
  `$${name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/\W+/g, '_')
    .toUpperCase()}`;
const valueOf = ({ name, example }: Parameter): string => example ?? variable(name);

const urlOf = (path: string, { parameters }: Operation): string => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    return parameter === undefined ? variable(name) : valueOf(parameter);
  });
  const query = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
  const text = query.map((parameter) => `${parameter.name}=${valueOf(parameter)}`).join('&');
  return `"$API_URL${filled}${text === '' ? '' : `?${text}`}"`;
};

const tokenOf = (operation: Operation): string[] => {
  if (operation.security.length === 0) return [];
  const name = operation['x-required-scope'] === 'admin' ? 'ADMIN_TOKEN' : 'TOKEN';
  return [`-H "Authorization: Bearer $${name}"`];
};

/** The example that a body's schema carries. */
const exampleOf = (schema: JsonSchema | undefined, { components }: OpenApiDocument): unknown => {
  const target = schema?.$ref === undefined ? schema : components.schemas[nameOf(schema.$ref)];
  return target?.examples?.[0] ?? {};
};

const inSingleQuotes = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const bodyOf = ({ requestBody }: Operation, document: OpenApiDocument): string[] => {
  const [content] = Object.entries(requestBody?.content ?? {});
  if (content === undefined) return [];
  const [mediaType, { schema }] = content;
  const body = inSingleQuotes(JSON.stringify(exampleOf(schema, document)));
  return [`-H 'Content-Type: ${mediaType}'`, `-d ${body}`];
};

const methodOf = (method: string, body: readonly string[]): string => {
  const usual = body.length > 0 ? 'post' : 'get';
  return method === usual ? '' : ` -X ${method.toUpperCase()}`;
};

/** Bytes of any kind do not belong on a terminal; a stream is shown as it comes. */
const answerOptions = ({ responses }: Operation): string[] => {
  const mediaTypes = Object.keys(responses['200']?.content ?? {});
  if (mediaTypes.includes('*/*')) return ['--compressed -o answer'];
  return mediaTypes.includes('text/event-stream') ? ['-N'] : [];
};

export interface ExampleOf {
  path: string;
  method: string;
  operation: Operation;
}

/** curl cannot speak on a WebSocket; Node 22 and later can, with a ticket in the URL. */
const socketExample = (path: string): string => `# TICKET is of POST /v1/stream-tickets
API_URL=$API_URL TICKET=$TICKET ID=$ID node -e '
  const socket = new WebSocket(\`\${process.env.API_URL}${path}?ticket=\${process.env.TICKET}\`.replace("http", "ws"));
  socket.onopen = () => socket.send(JSON.stringify({ subscribe: [process.env.ID] }));
  socket.onmessage = ({ data }) => console.log(data);'`;

export const exampleFor = ({ path, method, operation }: ExampleOf, document: OpenApiDocument): string => {
  if (operation.responses['101'] !== undefined) return socketExample(path);
  const body = bodyOf(operation, document);
  const options = [...tokenOf(operation), ...body, ...answerOptions(operation)];
  return [`curl -sS${methodOf(method, body)} ${urlOf(path, operation)}`, ...options].join(' \\\n  ');
};
