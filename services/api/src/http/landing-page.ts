/** The page at `/` where no console was built: says what this is and how to begin. */
import { firstSteps } from './first-steps.ts';
import { type Page, renderPage } from './page.ts';

const body = (): string => `<h1>factorial</h1>
<p class="lead">Slow work behind a web API: answered at once with an id, queued, worked on by workers that scale with the queue, and never lost.</p>

${firstSteps('h2')}

<h2>Where to go</h2>
<dl>
<dt><a href="/docs">/docs</a></dt><dd>every route, with its parameters and answers</dd>
<dt><a href="/v1/tasks">/v1/tasks</a></dt><dd>the tasks that can be asked for</dd>
<dt><code>/v1/jobs</code></dt><dd>submit jobs, look at them, cancel them</dd>
<dt><code>/v1/queue</code></dt><dd>how busy it is</dd>
<dt><a href="/openapi.json">/openapi.json</a></dt><dd>every route, as OpenAPI 3.1</dd>
<dt><a href="/docs/errors">/docs/errors</a></dt><dd>what an error means</dd>
</dl>`;

export const renderLandingPage = (): Page => renderPage('factorial', body());
