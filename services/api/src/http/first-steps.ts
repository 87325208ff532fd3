/** What one does first, as lines for a shell: they stand on the start page and on the reference. */

/** @param heading level of the headings. */
export const firstSteps = (heading: 'h2' | 'h3'): string =>
  `<${heading}>Submit and wait</${heading}>
<pre tabindex="0">curl -s "$API_URL/v1/jobs" \\
  -H "authorization: Bearer $TOKEN" \\
  -H "content-type: application/json" \\
  -H "prefer: wait=20" \\
  -d '{"task":"factorial","input":{"n":1000}}'</pre>

<${heading}>Submit and come back</${heading}>
<pre tabindex="0">ID=$(curl -s "$API_URL/v1/jobs" \\
  -H "authorization: Bearer $TOKEN" \\
  -H "content-type: application/json" \\
  -d '{"task":"factorial","input":{"n":150000}}' | sed -n 's/^{"id":"\\([^"]*\\)".*/\\1/p')
curl -s "$API_URL/v1/jobs/$ID" -H "authorization: Bearer $TOKEN" -H "prefer: wait=60"
curl -s "$API_URL/v1/jobs/$ID/output" -H "authorization: Bearer $TOKEN"</pre>`;
