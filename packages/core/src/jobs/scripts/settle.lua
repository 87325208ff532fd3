-- SETTLE: the update of the article's own kind of worker, which never claims. For a job that nobody holds it claims and
-- ends it in one step.
-- ARGV: id, 'done'|'failed', hash, bytes, media type, encoding, payload, error message
local id, status, hash = ARGV[1], ARGV[2], ARGV[3]
local job = load(id)
if not job.status then return { 'GONE' } end
if isFinal(job.status) then
  if job.status == status and job.resultHash == hash then return { 'SAME' } end
  return { 'STALE', job.status }
end
if job.status == 'processing' and job.leaseUntil > now then return { 'STALE', job.status } end
-- It is one more attempt: whoever held the job before holds it no longer.
job.attempt, job.startedAt = job.attempt + 1, 0
redis.call('HSET', K.job .. id, 'attempt', job.attempt, 'tries', job.tries + 1)
count(job, 'claimed')
if status == 'done' then
  finishDone(id, job, {
    hash = hash, bytes = ARGV[4], mediaType = ARGV[5], encoding = ARGV[6], payload = ARGV[7],
  })
else
  finish(id, job, 'failed', {
    'errorCode', 'task-error', 'errorMessage', ARGV[8], 'errorRetryable', '0', 'resultHash', hash,
  }, { error = { code = 'task-error', message = ARGV[8], retryable = false } })
end
return { 'OK' }
