-- RETRY: a failed or cancelled job once more, under the same id and with a fresh budget of tries.
-- ARGV: id, first look ms, max pending, max pending of the owner
local id = ARGV[1]
local job = load(id, 'order', 'queueTimeoutMs', 'task', 'traceparent')
if not job.status then return { 'GONE' } end
if job.status ~= 'failed' and job.status ~= 'cancelled' then return { 'WRONG', job.status } end
if redis.call('ZCARD', K.due) >= tonumber(ARGV[3]) then return { 'FULL' } end
if tonumber(redis.call('HGET', K.pending, job.owner) or 0) >= tonumber(ARGV[4]) then return { 'QUOTA' } end

local place = redis.call('INCR', K.sequence)
job.order = math.floor(job.order / 1e13) * 1e13 + place
redis.call('PERSIST', K.job .. id)
redis.call('PERSIST', K.events .. id)
if job.webhook then redis.call('PERSIST', K.webhooks .. id) end
redis.call('ZREM', K.finished, id)
redis.call('ZREM', K.sizes, id)
redis.call('HSET', K.job .. id, 'order', string.format('%.0f', job.order), 'tries', 0)
redis.call('HDEL', K.job .. id, 'finishedAt', 'expiresAt', 'finalAttempt', 'resultHash', 'startedAt', 'errorCode',
  'errorMessage', 'errorRetryable', 'settledAttempt', 'outOfMemory')
enqueue(id, job, 0, tonumber(ARGV[2]))
-- The events of one more life, this one, its start and its end, count against the byte budget: there may be any number of lives.
if redis.call('XLEN', K.events .. id) < MAX_EVENTS then
  redis.call('HINCRBY', K.job .. id, 'bytes', 3 * ENTRY_BYTES)
  redis.call('INCRBY', K.usedBytes, 3 * ENTRY_BYTES)
end
emit(id, job, 'queued', { reason = 'retried' })
redis.call('HINCRBY', K.pending, job.owner, 1)
count(job, 'accepted')
local publications = redis.call('HINCRBY', K.job .. id, 'publications', 1)
return { 'OK', job.pool, job.task, redis.call('HGET', K.job .. id, 'input'), publications, job.traceparent or '' }
