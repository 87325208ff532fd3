/** GET /: says what this is and how to begin. */
import { renderPage, sendPage } from '../page.ts';
import type { OpenRoute } from '../route.ts';

const body = `<h1>factorial</h1>
<p class="lead">Slow work behind a web API: answered at once with an id, queued, worked on by workers that scale with the queue, and never lost.</p>

<h2>Submit and wait</h2>
<pre>curl -s "$API_URL/v1/jobs" \\
  -H "authorization: Bearer $TOKEN" \\
  -H "content-type: application/json" \\
  -H "prefer: wait=20" \\
  -d '{"task":"factorial","input":{"n":1000}}'</pre>

<h2>Submit and come back</h2>
<pre>ID=$(curl -s "$API_URL/factorial?no=150000" -H "authorization: Bearer $TOKEN")
curl -s "$API_URL/factorial/result?id=$ID" -H "authorization: Bearer $TOKEN"</pre>

<h2>Where to go</h2>
<dl>
<dt><a href="/v1/tasks">/v1/tasks</a></dt><dd>the tasks that can be asked for</dd>
<dt><code>/v1/jobs</code></dt><dd>submit jobs, look at them, cancel them</dd>
<dt><code>/v1/queue</code></dt><dd>how busy it is</dd>
<dt><a href="/openapi.json">/openapi.json</a></dt><dd>every route, as OpenAPI 3.1</dd>
<dt><a href="/docs/errors">/docs/errors</a></dt><dd>what an error means</dd>
</dl>`;

export const createLandingRoutes = (): OpenRoute[] => {
  const html = renderPage('factorial', body);
  return [
    {
      method: 'get',
      path: '/',
      handle: ({ res }) => sendPage(res, html),
      doc: {
        summary: 'A page for people',
        responses: { 200: { description: 'HTML.', mediaType: 'text/html' } },
      },
    },
  ];
};
