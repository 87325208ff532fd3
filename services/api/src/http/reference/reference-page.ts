/** The reference for people, made of the OpenAPI document alone: one page, no script, every route and schema with an anchor. */
import { firstSteps } from '../first-steps.ts';
import { escapeHtml, type Page, renderFrame } from '../page.ts';
import { type OpenApiDocument, openApiDocumentSchema, type Operation } from './openapi-document.ts';
import { referenceStyle } from './reference-style.ts';
import { operationAnchor, operationName, renderOperation } from './render-operation.ts';
import { code, describeSchema, renderWithin, schemaAnchor, typeOf } from './render-schema.ts';

interface Shown {
  path: string;
  method: string;
  operation: Operation;
}

const anchorOf = (group: string): string => group.toLowerCase().replaceAll(/\W+/g, '-');

const operationsOf = ({ paths }: OpenApiDocument, group: string): Shown[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags[0] === group)
      .map(([method, operation]) => ({ path, method, operation })),
  );

const namesOf = ({ components }: OpenApiDocument): string[] => Object.keys(components.schemas).sort();

const link = (anchor: string, html: string): string => `<a href="#${anchor}">${html}</a>`;
const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;

const navigation = (document: OpenApiDocument): string => {
  const groups = document.tags.map(({ name }) => {
    const links = operationsOf(document, name).map(({ path, method, operation }) =>
      link(operationAnchor(operation), operationName(method, path)),
    );
    return link(anchorOf(name), escapeHtml(name)) + list(links);
  });
  const schemas = namesOf(document).map((name) => link(schemaAnchor(name), escapeHtml(name)));
  const all = [link('begin', 'Begin'), ...groups, link('schemas', 'Schemas') + list(schemas)];
  return `<nav aria-label="Contents">${list(all)}</nav>`;
};

const begin = `<section id="begin">
<h2>Begin</h2>
<p>Every route under ${code('/v1')} but the list of tasks needs ${code('Authorization: Bearer')} with a token of yours, a JWT whose scopes say what it may do:
${code('jobs:read')}, ${code('jobs:write')}, ${code('admin')}. Its subject owns the jobs that it makes, and sees no others'. Bodies are JSON; times are RFC 3339; what goes wrong
is told as a problem document (RFC 9457) whose ${code('code')} stands in <a href="/docs/errors">the list of errors</a>. Every answer carries ${code('x-request-id')}.</p>
${firstSteps('h3')}
</section>`;

const groupSection = (document: OpenApiDocument, group: { name: string; description: string }): string => {
  const operations = operationsOf(document, group.name).map((shown) => renderOperation(shown, document));
  return `<section id="${anchorOf(group.name)}">
<h2>${escapeHtml(group.name)}</h2>
<p>${escapeHtml(group.description)}</p>
${operations.join('\n')}
</section>`;
};

const schemaArticle = (document: OpenApiDocument, name: string): string => {
  const schema = document.components.schemas[name] ?? {};
  const anchor = schemaAnchor(name);
  return `<article id="${anchor}">
<h3>${link(anchor, code(name))} <span class="type">${typeOf(schema)}</span></h3>
<div class="body">${describeSchema(schema)}${renderWithin(schema)}</div>
</article>`;
};

const schemasSection = (document: OpenApiDocument): string => `<section id="schemas">
<h2>Schemas</h2>
<p>What goes in and what comes out, by name.</p>
${namesOf(document)
  .map((name) => schemaArticle(document, name))
  .join('\n')}
</section>`;

/** @throws when the document holds what the page would not show. */
export const renderReference = (openApi: unknown): Page => {
  const document = openApiDocumentSchema.parse(openApi);
  const { title, version, description } = document.info;
  const body = `<a class="skip" href="#begin">Skip to the content</a>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(description)}</p>
<p>API, version ${escapeHtml(version)} · <a href="/">Console</a> · <a href="/openapi.json">OpenAPI document</a> · <a href="/docs/errors">Errors</a></p>
</header>
${navigation(document)}
<main>
${begin}
${document.tags.map((group) => groupSection(document, group)).join('\n')}
${schemasSection(document)}
</main>`;
  return renderFrame({ title: `${title}: reference`, body, ownStyle: referenceStyle });
};
