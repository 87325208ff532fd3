-- FAIL: an attempt went wrong. Another try after a delay where the error and the budget allow it, else the end.
-- ARGV: id, attempt, token, code, message, retry '0'|'1', delay ms
local id, attempt, code, message = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local job = load(id, 'settledAttempt', 'outOfMemory', 'order', 'queueTimeoutMs')
if not job.status then return { 'GONE' } end
if isFinal(job.status) then
  local same = job.resultHash == code .. ' ' .. message and job.attempt == tonumber(attempt)
  if same then return { 'SAME' } end
  return { 'STALE', job.status }
end
if job.settledAttempt == tonumber(attempt) and job.attempt == tonumber(attempt) then return { 'SAME' } end
if not holds(job, attempt, ARGV[3]) then return { 'STALE', job.status } end

local again = ARGV[6] == '1' and job.tries < job.maxAttempts
if code == 'out-of-memory' then
  -- It would take the node down again: one more chance, no matter how many attempts the task allows.
  again = again and job.outOfMemory == 0
  redis.call('HINCRBY', K.job .. id, 'outOfMemory', 1)
end
if not again then
  finishFailed(id, job, code, message, ARGV[6])
  return { 'OK', 'failed' }
end
redis.call('HSET', K.job .. id, 'settledAttempt', attempt, 'errorCode', code, 'errorMessage', message, 'errorRetryable', '1')
redis.call('HDEL', K.job .. id, 'token')
redis.call('ZREM', K.waiting .. job.pool, id)
local delayMs = math.max(1, math.floor(tonumber(ARGV[7])))
enqueue(id, job, delayMs, 0)
emit(id, job, 'queued', {
  reason = 'failed', error = { code = code, message = message }, notBeforeMs = now + delayMs,
})
count(job, 'retried')
return { 'OK', 'queued' }
