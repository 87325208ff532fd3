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
<pre tabindex="0">ID=$(curl -s "$API_URL/factorial?no=150000" -H "authorization: Bearer $TOKEN")
curl -s "$API_URL/factorial/result?id=$ID" -H "authorization: Bearer $TOKEN"</pre>`;
